/**
 * @file sdp.c  Session descriptions: lines and session level (RFC 4566)
 */
#include <errno.h>
#include <string.h>
#include "ue/sdp/core.h"


/* RFC 4566 s9: a value has no NUL, CR or LF.  ENOENT: the end */
int sdesc_line_next(struct sdesc_line *line, struct pl *rest)
{
	const char *p = rest->p, *nl;
	size_t len;

	if (!rest->l)
		return ENOENT;

	/* of the last line the end may belong to a delimiter (RFC 2046
	   s5.1.1) */
	nl = memchr(p, '\n', rest->l);
	len = nl ? (size_t)(nl - p) : rest->l;
	rest->p = p + len + (nl != NULL);
	rest->l -= len + (nl != NULL);

	/* s5: CRLF; a single LF is to be accepted */
	if (len && p[len - 1] == '\r')
		--len;

	if (len < 2 || p[1] != '=' || memchr(p, '\r', len) ||
	    memchr(p, '\0', len))
		return EBADMSG;

	line->type = p[0];
	line->val.p = p + 2;
	line->val.l = len - 2;

	return 0;
}


int sdesc_word_next(struct pl *word, struct pl *rest)
{
	const char *p = rest->p;
	size_t len = rest->l, n = 0;

	while (len && *p == ' ') {
		++p;
		--len;
	}

	if (!len)
		return ENOENT;

	while (n < len && p[n] != ' ')
		++n;

	word->p = p;
	word->l = n;
	rest->p = p + n;
	rest->l = len - n;

	return 0;
}


bool sdesc_u64(uint64_t *v, const struct pl *pl)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < pl->l; i++) {

		const unsigned d = (unsigned)(unsigned char)pl->p[i] - '0';

		if (d > 9 || n > (UINT64_MAX - d) / 10)
			return false;

		n = n * 10 + d;
	}

	*v = n;

	return pl->l > 0;
}


/* s5.2: username sess-id sess-version nettype addrtype address */
static int origin(struct sdesc *sdp, const struct pl *val)
{
	struct pl rest = *val, word;
	uint64_t id;
	unsigned i;

	for (i = 0; !sdesc_word_next(&word, &rest); i++) {

		if (i == 1)
			sdp->sess_id = word;

		if ((i == 1 && !sdesc_u64(&id, &word)) ||
		    (i == 2 && !sdesc_u64(&sdp->version, &word)))
			return EBADMSG;
	}

	return i == 6 ? 0 : EBADMSG;
}


/* s5.7: IN IP4 address, IN IP6 address.  A name leaves the family 0 */
int sdesc_connection(struct ue_addr *addr, const struct pl *val)
{
	struct pl rest = *val, net, type, text;
	struct ue_addr a;
	uint8_t family;

	if (sdesc_word_next(&net, &rest) || sdesc_word_next(&type, &rest) ||
	    sdesc_word_next(&text, &rest) || !sdesc_word_next(&net, &rest) ||
	    pl_strcasecmp(&net, "IN"))
		return EBADMSG;

	if (!pl_strcasecmp(&type, "IP4"))
		family = 4;
	else if (!pl_strcasecmp(&type, "IP6"))
		family = 6;
	else
		return EBADMSG;

	memset(addr, 0, sizeof(*addr));
	if (!ue_addr_decode(&a, &text)) {
		if (a.family != family)
			return EBADMSG;
		*addr = a;
	}

	return 0;
}


bool sdesc_direction(uint8_t *dir, const struct pl *attr)
{
	static const char *const namev[] = {
		"inactive", "sendonly", "recvonly", "sendrecv"
	};
	uint8_t i;

	for (i = 0; i < 4; i++) {
		if (!pl_strcmp(attr, namev[i])) {
			*dir = i;
			return true;
		}
	}

	return false;
}


/* Lines of the session after v=, o=, s= */
static int session_lines(struct sdesc *sdp, struct pl *text)
{
	struct sdesc_line line;
	bool timed = false;
	int err;

	while (text->l && text->p[0] != 'm') {

		err = sdesc_line_next(&line, text);
		if (err)
			return err;

		switch (line.type) {

		case 'c':
			err = sdesc_connection(&sdp->addr, &line.val);
			if (err)
				return err;
			sdp->conn = true;
			break;

		case 'a':
			(void)sdesc_direction(&sdp->dir, &line.val);
			break;

		case 't':
			timed = true;
			break;

		case 'i': case 'u': case 'e': case 'p': case 'b': case 'r':
		case 'z': case 'k':
			break;

		default:
			return EBADMSG;
		}
	}

	return timed ? 0 : EBADMSG;
}


static int expect(struct sdesc_line *line, char type, struct pl *text)
{
	return sdesc_line_next(line, text) || line->type != type ? EBADMSG : 0;
}


/* v=, o=, s=: first, and in this order */
static int head(struct sdesc *sdp, struct pl *text)
{
	struct sdesc_line line;

	if (expect(&line, 'v', text) || pl_strcmp(&line.val, "0") ||
	    expect(&line, 'o', text) || origin(sdp, &line.val) ||
	    expect(&line, 's', text))
		return EBADMSG;

	return 0;
}


int sdesc_decode(struct sdesc *res, const struct pl *text)
{
	struct pl rest = *text;
	struct sdesc sdp;
	int err;

	memset(&sdp, 0, sizeof(sdp));
	sdp.dir = SDESC_SENDRECV;
	sdp.session.p = text->p;

	err = head(&sdp, &rest);
	if (!err)
		err = session_lines(&sdp, &rest);
	if (err)
		return err;

	sdp.session.l = (size_t)(rest.p - text->p);
	sdp.media = rest;

	err = sdesc_media_lines(&sdp, rest);
	if (!err)
		*res = sdp;

	return err;
}
