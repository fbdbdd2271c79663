/**
 * @file message.c  Parser of SIP messages: lines, start line, what every
 *                  message must have
 *
 * An error does not end the parsing: the first one is kept, and the rest is
 * read as far as it goes, because the 400 needs Via, From, To, Call-ID and
 * CSeq of the bad request.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "ue/sip/scan.h"


/** Keep the first error */
void sip_msg_fail(struct sip_msg *m, uint16_t status, const char *why)
{
	if (m->why)
		return;

	m->status = status;
	m->why    = why;
}


/* ------------------------------------------------------------------ */
/* Lines */

static bool at_crlf(const char *p, const char *end)
{
	return end - p >= 2 && p[0] == '\r' && p[1] == '\n';
}


/**
 * End of a line, folds included: the CRLF of a fold becomes two spaces (RFC
 * 3261 s7.3.1: a fold counts as one SP, and so does any white space)
 *
 * @return at the CRLF, or end where there is none
 */
static char *line_end(struct sip_msg *m, char *p, char *end, bool fold)
{
	const char *start = p;

	for (;; ++p) {
		p += sip_skip_text(p, end) - p;
		if (p == end) {
			sip_msg_fail(m, 400, "line without CRLF");
			return p;
		}

		if (at_crlf(p, end)) {
			if (!fold || end - p < 3 || !sip_is_sp(p[2]))
				return p;
			p[0] = p[1] = ' ';
			++p;
		}
		else if (p == start || p[-1] != '\\' || *p == '\r' ||
			 *p == '\n') {
			/* RFC 3261 s25.1: a control character may be in a
			   quoted-pair only, CR and LF nowhere */
			sip_msg_fail(m, 400, "control character");
		}
	}
}


/** Note a header field, and whether there may be another one */
static void add_field(struct sip_msg *m, const struct pl *name,
		      const char *val, const char *end)
{
	const enum sip_hdr_id id = sip_hdr_id(name);
	const uint32_t bit = UINT32_C(1) << (id % 32);
	struct sip_hdr *hdr;

	while (end > val && sip_is_sp(end[-1]))
		--end;

	if (m->hdrc == SIP_HDR_MAX) {
		/* RFC 3261 s21.5.7 */
		sip_msg_fail(m, 513, "too many header fields");
		return;
	}

	if (id != SIP_HDR_OTHER) {
		if ((m->seenv[id / 32] & bit) && sip_hdr_single(id))
			sip_msg_fail(m, 400, "header field occurs twice");
		m->seenv[id / 32] |= bit;
	}

	hdr = &m->hdrv[m->hdrc++];
	hdr->name     = (uint16_t)(name->p - m->buf);
	hdr->name_len = (uint8_t)name->l;
	hdr->val      = (uint16_t)(val - m->buf);
	hdr->len      = (uint16_t)(end - val);
	hdr->id       = (uint8_t)id;
}


/** message-header = field-name HCOLON field-value CRLF.  @return at CRLF */
static char *header_line(struct sip_msg *m, char *p, char *end)
{
	struct pl name;
	const char *q = sip_skip(p, end, SIP_C_TOKEN);
	char *eol;

	sip_set(&name, p, q);
	q = sip_skip_sws(q, end);

	eol = line_end(m, p + (q - p), end, true);

	if (!name.l || name.l > 255 || q == eol || *q != ':')
		sip_msg_fail(m, 400, "header field without name and colon");
	else
		add_field(m, &name, sip_skip_sws(q + 1, eol), eol);

	return eol;
}


/** All header fields.  @return behind the empty line */
static char *header_lines(struct sip_msg *m, char *p, char *end)
{
	while (p < end && !at_crlf(p, end)) {
		p = header_line(m, p, end);
		if (p < end)
			p += 2;
	}

	if (p == end) {
		sip_msg_fail(m, 400, "no empty line after the header fields");
		return end;
	}

	return p + 2;
}


/* ------------------------------------------------------------------ */
/* Start line */

/** SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT, to the end of the text */
static bool is_version(const char *p, const char *end)
{
	const char *q;

	if (end - p < 7 || !sip_same(p, "SIP/", 4))
		return false;

	q = sip_skip_digits(p + 4, end);
	if (q == p + 4 || q == end || *q != '.')
		return false;
	p = q + 1;
	q = sip_skip_digits(p, end);

	return q > p && q == end;
}


static bool is_version_2(const char *p, const char *end)
{
	return end - p == 7 && p[4] == '2' && p[6] == '0';
}


/** Status-Line = SIP-Version SP Status-Code SP Reason-Phrase */
static void status_line(struct sip_msg *m, const char *p, const char *end)
{
	const char *q = memchr(p, ' ', (size_t)(end - p));
	uint32_t code;

	if (!q || !is_version(p, q) || !is_version_2(p, q) || end - q < 5) {
		sip_msg_fail(m, 400, "bad status line");
		return;
	}

	p = sip_number(&code, q + 1, end);
	if (p != q + 4 || *p != ' ' || code < 100 || code > 699) {
		sip_msg_fail(m, 400, "bad status code");
		return;
	}

	m->code = (uint16_t)code;
	sip_set(&m->phrase, p + 1, end);
}


/** Request-Line = Method SP Request-URI SP SIP-Version; p is behind the first
 *  SP */
static void request_line(struct sip_msg *m, const char *p, const char *end)
{
	const char *q = memchr(p, ' ', (size_t)(end - p));

	if (!q || !is_version(q + 1, end)) {
		sip_msg_fail(m, 400, "bad request line");
		return;
	}
	if (!is_version_2(q + 1, end)) {
		sip_msg_fail(m, 505, "SIP version not supported");
		return;
	}

	/* RFC 3261 s19.1.1: no headers in a Request-URI; no brackets */
	if (sip_uri_scan(&m->ruri, p, q, true) != q || m->ruri.headers.p) {
		sip_msg_fail(m, 400, "bad Request-URI");
		memset(&m->ruri, 0, sizeof(m->ruri));
	}
}


/** The first line.  @return behind it */
static char *start_line(struct sip_msg *m, char *p, char *end)
{
	char *eol = line_end(m, p, end, false);
	const char *q;

	if (eol - p >= 4 && sip_same(p, "SIP/", 4)) {
		status_line(m, p, eol);
	}
	else {
		q = sip_token(p, eol);
		if (!q || q == eol || *q != ' ') {
			sip_msg_fail(m, 400, "not SIP");
			return end;
		}

		m->request = true;
		sip_set(&m->met, p, q);
		m->method = (uint8_t)sip_method(&m->met);
		request_line(m, q + 1, eol);
	}

	return eol < end ? eol + 2 : end;
}


/* ------------------------------------------------------------------ */
/* Body */

/** RFC 3261 s18.3: how much of the rest is the body */
static void body(struct sip_msg *m, const char *p, const char *end,
		 uint32_t clen, enum sip_framing framing)
{
	const size_t rest = (size_t)(end - p);
	size_t len = rest;

	if (framing != SIP_FRAMING_WHOLE &&
	    sip_msg_has(m, SIP_HDR_CONTENT_LENGTH)) {
		if (clen > rest)
			sip_msg_fail(m, 400, "Content-Length beyond the end");
		else
			len = clen;
	}
	else if (framing == SIP_FRAMING_STREAM) {
		sip_msg_fail(m, 400, "no Content-Length");
	}

	m->body.p = p;
	m->body.l = len;
}


int sip_msg_parse(struct sip_msg *m, char *buf, size_t len,
		  enum sip_framing framing)
{
	char *p = buf, *end = buf + len;
	uint32_t clen;

	memset(m, 0, offsetof(struct sip_msg, hdrv));
	m->max_fwd = SIP_MAX_FWD_NONE;
	m->buf     = buf;

	/* RFC 3261 s7.5 */
	while (at_crlf(p, end))
		p += 2;

	if (p == end || len > SIP_MSG_LEN_MAX) {
		sip_msg_fail(m, 400, p == end ? "empty" : "too long");
		m->status = 0;
		return EBADMSG;
	}

	p = start_line(m, p, end);
	p = header_lines(m, p, end);
	clen = sip_msg_check(m);
	body(m, p, end, clen, framing);

	if (!m->why)
		return 0;

	/* RFC 3261 s8.1.3.1, s17.1.1.3: responses and ACK are never
	   answered */
	if (!m->request || m->method == SIP_METHOD_ACK)
		m->status = 0;

	return EBADMSG;
}
