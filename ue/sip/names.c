/**
 * @file names.c  Names of header fields and methods
 *
 * The names of SIP_HDR_LIST stand one behind the other in one string, sorted
 * by length, so that the place of each follows from its number: no pointers.
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"

#define NAME_LEN_MIN 2
#define NAME_LEN_MAX 21

#define NAME(A, id, name, several) name
static const char names[] = SIP_HDR_LIST(NAME, 0);

/* fields with names shorter than len, and the octets that these take */
#define LEN(name)   ((int)sizeof(name) - 1)
#define FIELDS(len, id, name, several) + (LEN(name) < (len))
#define OCTETS(len, id, name, several)				\
	+ (LEN(name) < (len) ? LEN(name) : 0)

#define ROW(len) {0 SIP_HDR_LIST(FIELDS, len), 0 SIP_HDR_LIST(OCTETS, len)}

static const struct {
	uint8_t first;          /* first identifier of that length          */
	uint16_t off;           /* and its name in names[]                  */
} lenv[] = {
	ROW(2),  ROW(3),  ROW(4),  ROW(5),  ROW(6),  ROW(7),  ROW(8),
	ROW(9),  ROW(10), ROW(11), ROW(12), ROW(13), ROW(14), ROW(15),
	ROW(16), ROW(17), ROW(18), ROW(19), ROW(20), ROW(21), ROW(22)
};

/* a longer name needs another ROW */
_Static_assert(sizeof(lenv) / sizeof(lenv[0]) ==
	       NAME_LEN_MAX - NAME_LEN_MIN + 2, "one row a length");
#define FITS(A, id, name, several)				\
	&& LEN(name) >= NAME_LEN_MIN && LEN(name) <= NAME_LEN_MAX
_Static_assert(1 SIP_HDR_LIST(FITS, 0), "name too short or too long");

/* fields of which there is one in a message, one bit each */
#define BIT_S(id, word) | ((id) / 32 == (word) ? 1ul << ((id) % 32) : 0ul)
#define BIT_L(id, word)
#define SINGLE(word, id, name, several) BIT_##several(SIP_HDR_##id, word)
#define WORD(word) (uint32_t)(0 SIP_HDR_LIST(SINGLE, word))
static const uint32_t single[] = {WORD(0), WORD(1), WORD(2)};
_Static_assert(SIP_HDR_COUNT <= 96, "another WORD is needed");


/* RFC 3261 s7.3.3 and the IANA registry: compact forms a to y */
static const uint8_t compactv[] = {
	SIP_HDR_ACCEPT_CONTACT,         /* a */
	SIP_HDR_REFERRED_BY,            /* b */
	SIP_HDR_CONTENT_TYPE,           /* c */
	SIP_HDR_REQUEST_DISPOSITION,    /* d */
	SIP_HDR_CONTENT_ENCODING,       /* e */
	SIP_HDR_FROM,                   /* f */
	SIP_HDR_OTHER,
	SIP_HDR_OTHER,
	SIP_HDR_CALL_ID,                /* i */
	SIP_HDR_REJECT_CONTACT,         /* j */
	SIP_HDR_SUPPORTED,              /* k */
	SIP_HDR_CONTENT_LENGTH,         /* l */
	SIP_HDR_CONTACT,                /* m */
	SIP_HDR_OTHER,                  /* n: Identity-Info */
	SIP_HDR_EVENT,                  /* o */
	SIP_HDR_OTHER,
	SIP_HDR_OTHER,
	SIP_HDR_REFER_TO,               /* r */
	SIP_HDR_SUBJECT,                /* s */
	SIP_HDR_TO,                     /* t */
	SIP_HDR_ALLOW_EVENTS,           /* u */
	SIP_HDR_VIA,                    /* v */
	SIP_HDR_OTHER,
	SIP_HDR_SESSION_EXPIRES,        /* x */
};


/** Is a second field of that kind an error?  Not of SIP_HDR_OTHER */
bool sip_hdr_single(enum sip_hdr_id id)
{
	return single[id / 32] >> (id % 32) & 1;
}


enum sip_hdr_id sip_hdr_id(const struct pl *name)
{
	const size_t len = name->l;
	const char *p;
	unsigned id, last;

	if (len == 1) {
		id = (unsigned)(*name->p | 0x20) - 'a';
		return sip_is_alpha(*name->p) && id < sizeof(compactv) ?
			(enum sip_hdr_id)compactv[id] : SIP_HDR_OTHER;
	}
	if (len < NAME_LEN_MIN || len > NAME_LEN_MAX)
		return SIP_HDR_OTHER;

	id   = lenv[len - NAME_LEN_MIN].first;
	last = lenv[len - NAME_LEN_MIN + 1].first;
	p    = names + lenv[len - NAME_LEN_MIN].off;

	for (; id < last; id++, p += len) {
		/* names of one length mostly differ in the first letter, and
		   are mostly written as here */
		if (((*p ^ *name->p) & ~0x20) == 0 &&
		    (!memcmp(name->p, p, len) || sip_same(name->p, p, len)))
			return (enum sip_hdr_id)id;
	}

	return SIP_HDR_OTHER;
}


const char *sip_hdr_name(enum sip_hdr_id id, size_t *len)
{
	size_t l = 0;
	const char *p = "";

	if (id < SIP_HDR_COUNT) {

		l = NAME_LEN_MIN;
		while (id >= lenv[l - NAME_LEN_MIN + 1].first)
			++l;
		p = names + lenv[l - NAME_LEN_MIN].off +
			l * (id - lenv[l - NAME_LEN_MIN].first);
	}

	if (len)
		*len = l;

	return p;
}


/* in the order of enum sip_method */
static const char methodv[][10] = {
	"", "REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS",
	"SUBSCRIBE", "NOTIFY", "REFER", "PRACK", "UPDATE", "MESSAGE",
	"INFO", "PUBLISH"
};
_Static_assert(sizeof(methodv) / sizeof(methodv[0]) ==
	       SIP_METHOD_PUBLISH + 1, "one name a method");


enum sip_method sip_method(const struct pl *name)
{
	/* RFC 3261 s7.1: method names are case-sensitive */
	for (unsigned i = 1; i <= SIP_METHOD_PUBLISH; i++) {

		const char *m = methodv[i];

		if (name->l < sizeof(methodv[0]) && *m == *name->p &&
		    !m[name->l] && !memcmp(m, name->p, name->l))
			return (enum sip_method)i;
	}

	return SIP_METHOD_OTHER;
}


const char *sip_method_name(enum sip_method method)
{
	return methodv[method <= SIP_METHOD_PUBLISH ? method : 0];
}
