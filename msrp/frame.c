/**
 * @file msrp/frame.c  Incremental parser of MSRP frames (RFC 4975 s7, s9)
 *
 * Invariants, true between two calls: line <= len <= MSRP_HEAD_MAX;
 * skip <= match < end_len + 3 <= MSRP_END_MAX while a body is read.  They are
 * proved by test/proof/msrp_frame.c.
 */
#include <errno.h>
#include <string.h>
#include "msrp/head.h"

enum {
	STATE_HEAD = 0,         /* in the header section                    */
	STATE_BODY,             /* in the body                              */
	STATE_END,              /* behind an end-line that is to be told    */
	STATE_DEAD              /* the stream made no sense                 */
};

enum { START = 9 };             /* "MSRP " and four characters at least     */

static const char hyphens[] = "\r\n-------";


void msrp_parser_init(struct msrp_parser *ps)
{
	ps->state = STATE_HEAD;
	ps->match = ps->skip = 0;
	ps->end_len = 0;
	ps->line  = ps->len = 0;
}


/** Learn the end-line from the start line: "MSRP" SP transact-id SP */
static int start_line(struct msrp_parser *ps, const char *p, size_t n)
{
	const char *tid, *sp;
	size_t len;

	if (n < START || memcmp(p, "MSRP ", 5))
		return EBADMSG;

	tid = p + 5;
	sp = msrp_skip(tid, p + n - 1, C_IDENT);
	len = (size_t)(sp - tid);
	if (msrp_skip(tid, tid + 1, C_ALNUM) == tid || *sp != ' ' ||
	    len < MSRP_TID_MIN || len > MSRP_TID_MAX)
		return EBADMSG;

	memcpy(ps->end, hyphens, 9);
	memcpy(ps->end + 9, tid, len);
	ps->end_len = (uint8_t)(9 + len);

	return 0;
}


static bool is_flag(char c)
{
	return c == MSRP_COMPLETE || c == MSRP_MORE || c == MSRP_ABORTED;
}


/** Is the line, CRLF included, the end-line? */
static bool is_end(const struct msrp_parser *ps, const char *p, size_t n)
{
	const size_t len = ps->end_len - 2u;

	return n == len + 3 && !memcmp(p, ps->end + 2, len) &&
		is_flag(p[len]) && p[len + 1] == '\r';
}


/**
 * A header line is complete
 *
 * @param p  Header section so far
 * @param n  Its length, the LF included
 *
 * @return 0 the section is complete; EAGAIN; EBADMSG
 */
static int line_done(struct msrp_parser *ps, const char *p, size_t n)
{
	const char *line = p + ps->line;
	const size_t len = n - ps->line;
	int err;

	if (!ps->line) {
		err = start_line(ps, p, n);
		if (err)
			return err;
	}
	else if (len == 2 && line[0] == '\r') {
		/* an end-line right behind the empty line ends the body too:
		   its CRLF has been seen */
		ps->state = STATE_BODY;
		ps->match = ps->skip = 2;
		return 0;
	}
	else if (is_end(ps, line, len)) {
		ps->end[ps->end_len] = line[len - 3];
		ps->state = STATE_END;
		return 0;
	}

	ps->line = (uint16_t)n;

	return EAGAIN;
}


/** A header section in one piece: read where it lies */
static int head_in_place(struct msrp_parser *ps, const char *p, size_t n,
			 size_t *len)
{
	const size_t max = n < MSRP_HEAD_MAX ? n : MSRP_HEAD_MAX;
	const char *nl;
	int err;

	while (ps->line < max &&
	       (nl = memchr(p + ps->line, '\n', max - ps->line))) {

		*len = (size_t)(nl - p) + 1;
		err = line_done(ps, p, *len);
		if (err != EAGAIN)
			return err;
	}

	if (n > MSRP_HEAD_MAX)
		return EOVERFLOW;

	memcpy(ps->buf, p, n);
	ps->len = (uint16_t)n;

	return EAGAIN;
}


/** A divided one: gathered line by line */
static int head_gather(struct msrp_parser *ps, const char *p, size_t n,
		       size_t *used)
{
	size_t pos = 0, len;
	const char *nl;
	int err = EAGAIN;

	while (pos < n && err == EAGAIN) {

		nl  = memchr(p + pos, '\n', n - pos);
		len = nl ? (size_t)(nl - (p + pos)) + 1 : n - pos;
		if ((size_t)MSRP_HEAD_MAX - ps->len < len)
			return EOVERFLOW;

		memcpy(ps->buf + ps->len, p + pos, len);
		ps->len = (uint16_t)(ps->len + len);
		pos += len;
		if (nl)
			err = line_done(ps, ps->buf, ps->len);
	}

	*used = pos;

	return err;
}


static int feed_head(struct msrp_parser *ps, struct msrp_found *found,
		     struct msrp_head *head, const char *p, size_t n,
		     size_t *used)
{
	const char *base = ps->len ? ps->buf : p;
	size_t len = 0;
	int err;

	if (ps->len) {
		err = head_gather(ps, p, n, used);
		len = ps->len;
	}
	else {
		err = head_in_place(ps, p, n, &len);
		*used = err ? n : len;
	}
	if (err)
		return err;

	/* up to the empty line or the end-line */
	err = msrp_head_decode(head, base, ps->line, ps->state == STATE_BODY);
	if (err)
		return err;

	found->step = MSRP_STEP_HEAD;
	ps->line = ps->len = 0;

	return 0;
}


/** Does the next octet continue the end-line?  A flag that does is kept */
static bool continues(struct msrp_parser *ps, char c)
{
	const unsigned at = ps->match;

	if (at < ps->end_len)
		return c == ps->end[at];
	if (at > ps->end_len)
		return c == "\r\n"[at - ps->end_len - 1u];
	if (!is_flag(c))
		return false;
	ps->end[at] = c;

	return true;
}


/** The part of an end-line that was none: octets of the body after all */
static void held_back(struct msrp_parser *ps, struct msrp_found *found)
{
	/* behind the flag only its CR can have been seen */
	if (ps->match == ps->end_len + 2)
		ps->end[ps->match - 1] = '\r';

	found->step = MSRP_STEP_DATA;
	found->data = (const uint8_t *)ps->end + ps->skip;
	found->len  = (size_t)ps->match - ps->skip;
}


/** The next CR that may begin an end-line; n: none */
static size_t next_cr(const char *p, size_t pos, size_t n)
{
	const char *cr;

	while ((cr = memchr(p + pos, '\r', n - pos))) {
		pos = (size_t)(cr - p);
		if (n - pos < 3 || (cr[1] == '\n' && cr[2] == '-'))
			return pos;
		++pos;
	}

	return n;
}


/**
 * Octets of the body.  In the end-line CR stands first and at its end only,
 * so that after a mismatch the search goes on with the octet that did not
 * match: each octet is looked at once.
 */
static int feed_body(struct msrp_parser *ps, struct msrp_found *found,
		     const char *p, size_t n, size_t *used)
{
	size_t pos = 0, body = 0;
	bool earlier = ps->match > 0;

	while (pos < n) {

		if (!ps->match) {
			body = pos = next_cr(p, pos, n);
			if (pos == n)
				break;
			ps->match = 1;
			++pos;
			continue;
		}

		if (continues(ps, p[pos])) {
			++pos;
			if (++ps->match < ps->end_len + 3)
				continue;
			ps->state = STATE_END;
			break;
		}

		/* an end-line that began in an earlier input was none */
		if (earlier) {
			held_back(ps, found);
			ps->match = ps->skip = 0;
			if (found->len) {
				*used = pos;
				return 0;
			}
			earlier = false;
		}
		ps->match = 0;
	}

	*used = pos;
	if (body) {
		found->step = MSRP_STEP_DATA;
		found->data = (const uint8_t *)p;
		found->len  = body;
		return 0;
	}

	return ps->state == STATE_END ? ENOENT : EAGAIN;
}


static void found_end(struct msrp_parser *ps, struct msrp_found *found)
{
	found->step = MSRP_STEP_END;
	found->flag = (enum msrp_flag)ps->end[ps->end_len];
	msrp_parser_init(ps);
}


int msrp_parser_feed(struct msrp_parser *ps, struct msrp_found *found,
		     struct msrp_head *head, const uint8_t *data, size_t n,
		     size_t *used)
{
	const char *p = (const char *)data;
	int err = EBADMSG;

	*used = 0;

	if (ps->state == STATE_END) {
		found_end(ps, found);
		return 0;
	}
	if (!n)
		return EAGAIN;

	switch (ps->state) {

	case STATE_HEAD:
		err = feed_head(ps, found, head, p, n, used);
		break;

	case STATE_BODY:
		err = feed_body(ps, found, p, n, used);
		if (err == ENOENT) {
			found_end(ps, found);
			err = 0;
		}
		break;

	default:
		break;
	}

	if (err && err != EAGAIN) {
		ps->state = STATE_DEAD;
		*used = n;
	}

	return err;
}
