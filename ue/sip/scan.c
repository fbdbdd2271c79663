/**
 * @file scan.c  Character level of the SIP grammar (RFC 3261 s25.1)
 */
#include <string.h>
#include "ue/sip/scan.h"

/*
 * The classes of RFC 3261 s25.1 (and RFC 2396 for URIC) as a table.
 * Letters and digits are in all of them.
 */
enum {
	T = SIP_C_TOKEN, W = SIP_C_WORD, U = SIP_C_USER, P = SIP_C_PARAM,
	H = SIP_C_HNV, R = SIP_C_URIC, Q = SIP_C_QDTEXT, L = SIP_C_LABEL,
	AN = T | W | U | P | H | R | Q | L,
	MARK = U | P | H | R            /* mark: part of unreserved         */
};

#define R4(x)  x, x, x, x
#define R8(x)  R4(x), R4(x)
#define R16(x) R8(x), R8(x)
#define R64(x) R16(x), R16(x), R16(x), R16(x)

const uint8_t sip_cclass[256] = {
	R8(0),
	0, Q, 0, 0, 0, 0, 0, 0,         /* HTAB                             */
	R16(0),
	Q,                              /* SP                               */
	MARK | T | W | Q,               /* !                                */
	W,                              /* "                                */
	Q,                              /* #                                */
	U | P | H | R | Q,              /* $                                */
	T | W | Q,                      /* %: an escape in URIs             */
	U | P | R | Q,                  /* &                                */
	MARK | T | W | Q,               /* '                                */
	MARK | W | Q,                   /* (                                */
	MARK | W | Q,                   /* )                                */
	MARK | T | W | Q,               /* *                                */
	U | P | H | R | T | W | Q,      /* +                                */
	U | R | Q,                      /* ,                                */
	MARK | T | W | Q | L,           /* -                                */
	MARK | T | W | Q,               /* .                                */
	U | P | H | R | W | Q,          /* /                                */
	R8(AN), AN, AN,                 /* 0 to 9                           */
	P | H | R | W | Q,              /* :                                */
	U | R | Q,                      /* ;                                */
	W | Q,                          /* <                                */
	U | R | Q,                      /* =                                */
	W | Q,                          /* >                                */
	U | H | R | W | Q,              /* ?                                */
	R | Q,                          /* @                                */
	R16(AN), R8(AN), AN, AN,        /* A to Z                           */
	P | H | R | W | Q,              /* [                                */
	W,                              /* \: an escape in quoted strings   */
	P | H | R | W | Q,              /* ]                                */
	Q,                              /* ^                                */
	MARK | T | W | Q,               /* _                                */
	T | W | Q,                      /* `                                */
	R16(AN), R8(AN), AN, AN,        /* a to z                           */
	W | Q,                          /* {                                */
	Q,                              /* |                                */
	W | Q,                          /* }                                */
	MARK | T | W | Q,               /* ~                                */
	0,                              /* DEL                              */
	R64(Q), R64(Q)                  /* UTF-8                            */
};


/** Skip characters of the classes in mask; never fails */
const char *sip_skip(const char *p, const char *end, unsigned mask)
{
	/* the parser is here most of its time: counting up to zero saves a
	   comparison with end */
	ptrdiff_t i = p - end;

	if (i) {
		do {
			if (!sip_is(end[i], mask))
				break;
		} while (++i);
	}

	return end + i;
}


/**
 * Skip machine words of text, as far as there are any
 *
 * In an octet below 0x80 the top bit is set by a borrow when 0x20 is taken
 * from a control, and by adding 1 to DEL.  Carries between octets come from
 * such an octet or from 0xff; at worst they end the loop early.
 */
static const char *skip_words(const char *p, const char *end)
{
	const size_t ones = (size_t)-1 / 0xff;
	size_t w;

	for (; (size_t)(end - p) >= sizeof(w); p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		if (((w - ones * 0x20) | (w + ones)) & ~w & ones << 7)
			break;
	}

	return p;
}


/** Skip text: anything but controls, HTAB is text; never fails */
const char *sip_skip_text(const char *p, const char *end)
{
	for (; p < end; ++p) {

		p = skip_words(p, end);
		while (p < end && (unsigned char)*p >= 0x20 && *p != 0x7f)
			++p;
		if (p == end || *p != '\t')
			break;
	}

	return p;
}


/** Skip characters of the classes in mask and %-escapes; NULL: bad escape */
const char *sip_skip_esc(const char *p, const char *end, unsigned mask)
{
	for (;;) {
		p = sip_skip(p, end, mask);
		if (p == end || *p != '%')
			return p;

		/* RFC 3261 s25.1: escaped = "%" HEXDIG HEXDIG */
		if (end - p < 3 || ue_hex_octet(p + 1) < 0)
			return NULL;
		p += 3;
	}
}


/** Skip optional white space; never fails */
const char *sip_skip_sws(const char *p, const char *end)
{
	while (p < end && sip_is_sp(*p))
		++p;

	return p;
}


/** Skip digits; never fails */
const char *sip_skip_digits(const char *p, const char *end)
{
	while (p < end && sip_is_digit(*p))
		++p;

	return p;
}


/** token = 1*(...) */
const char *sip_token(const char *p, const char *end)
{
	const char *q = sip_skip(p, end, SIP_C_TOKEN);

	return q > p ? q : NULL;
}


/** SEMI, COMMA, SLASH, EQUAL: the character with white space around it */
const char *sip_separator(const char *p, const char *end, char c)
{
	if (p < end && sip_is_sp(*p))
		p = sip_skip_sws(p, end);
	if (p == end || *p != c)
		return NULL;

	return sip_skip_sws(p + 1, end);
}


/** quoted-string; p is at the opening quote */
const char *sip_quoted(const char *p, const char *end)
{
	for (++p;;) {
		p = sip_skip(p, end, SIP_C_QDTEXT);
		if (p == end)
			return NULL;
		if (*p == '"')
			return p + 1;

		/* quoted-pair = "\" (%x00-09 / %x0B-0C / %x0E-7F) */
		if (*p != '\\' || end - p < 2 || p[1] == '\r' ||
		    p[1] == '\n' || (p[1] & 0x80))
			return NULL;
		p += 2;
	}
}


/** 1*DIGIT up to 2**32-1 */
const char *sip_number(uint32_t *v, const char *p, const char *end)
{
	const char *start = p;
	uint32_t n = 0;

	for (; p < end && sip_is_digit(*p); ++p) {

		const uint32_t d = (uint32_t)(*p - '0');

		if (n > (UINT32_MAX - d) / 10)
			return NULL;
		n = n * 10 + d;
	}

	if (p == start)
		return NULL;

	*v = n;

	return p;
}
