/*
 * Proof: index arithmetic of the MSRP frame parser (msrp/frame.c)
 *
 * Each function of the parser, from any state that fulfils the invariants at
 * the head of frame.c, on any input of any length in memory of exactly that
 * size: nothing outside of the input, the gathered header section and the
 * end-line is touched, what is found lies in one of them, no number is cut,
 * and the invariants hold again.  Loops are proved by induction and calls by
 * the contracts below, so there is no bound: the result holds for streams of
 * any length in any pieces.
 *
 * flags: --conversion-check
 * prove: start_line
 * bug: start_line: msrp/frame.c s/len > MSRP_TID_MAX)/len > MSRP_TID_MAX + 9)/
 * bug: start_line: msrp/frame.c s/n < START/n < 5/
 * prove: line_done
 * bug: line_done: msrp/frame.c s/n == len + 3/n >= len/
 * bug: line_done: msrp/frame.c s/match = ps->skip = 2/match = 1, ps->skip = 2/
 * prove: head_in_place
 * bug: head_in_place: msrp/frame.c s/if (n > MSRP_HEAD_MAX)/if (n > MSRP_HEAD_MAX + 1)/
 * bug: head_in_place: msrp/frame.c s/max - ps->line))/max))/
 * bug: head_in_place: msrp/frame.c s/n < MSRP_HEAD_MAX ? n : MSRP_HEAD_MAX/n/
 * prove: head_gather
 * bug: head_gather: msrp/frame.c s/_MAX - ps->len < len/_MAX - ps->len + 1 < len/
 * bug: head_gather: msrp/frame.c s/(p + pos)) + 1 : n/(p + pos)) + 2 : n/
 * prove: feed_head
 * bug: feed_head: msrp/frame.c s/err ? n : len;/n + 1;/
 * prove: next_cr
 * bug: next_cr: msrp/frame.c s/if (n - pos < 3 ||/if (n - pos < 2 ||/
 * prove: feed_body
 * bug: feed_body: msrp/frame.c s/++ps->match < ps->end_len + 3/++ps->match < ps->end_len + 4/
 * bug: feed_body: msrp/frame.c s/(size_t)ps->match - ps->skip;/(size_t)ps->match + ps->skip;/
 * bug: feed_body: msrp/frame.c s/at > ps->end_len/at >= ps->end_len/
 * bug: feed_body: msrp/frame.c s/ps->end\[ps->match - 1\]/ps->end[ps->match + 1]/
 * prove: msrp_parser_feed
 * bug: msrp_parser_feed: msrp/frame.c s/used = n;/used = n + 1;/
 * bug: msrp_parser_feed: msrp/frame.c s/if (!n)/if (n == 1)/
 */
#include "test/proof/proof.h"

/** The end-line is known: CRLF, seven hyphens, identifier */
#define END_KNOWN(ps) ((ps)->end_len >= 9 + MSRP_TID_MIN && \
		       (ps)->end_len <= 9 + MSRP_TID_MAX)

/** Before the end of a header section */
#define GATHERING(ps) ((ps)->state == STATE_HEAD && \
		       ((ps)->line == 0 || END_KNOWN(ps)))

/** In the body; the end-line has been seen up to `match` */
#define MATCHING(ps) ((ps)->state == STATE_BODY && END_KNOWN(ps) && \
		      (ps)->skip <= (ps)->match && \
		      (ps)->match < (ps)->end_len + 3)

/** Behind the last line of a header section */
#define DONE(ps) (MATCHING(ps) || \
		  ((ps)->state == STATE_END && END_KNOWN(ps)))

#define LOOP_head_in_place_1 \
	CHANGES(nl, err, *len, *ps) \
	INVARIANT(ps->line <= max && ps->len == 0 && GATHERING(ps))

#define LOOP_head_gather_1 \
	CHANGES(pos, len, nl, err, *ps) \
	INVARIANT(pos <= n && ps->line <= ps->len && \
		  ps->len <= MSRP_HEAD_MAX && (pos == 0 || ps->len > 0) && \
		  (err == EAGAIN ? GATHERING(ps) : \
		   err == EBADMSG || (err == 0 && DONE(ps))))

#define LOOP_next_cr_1 \
	CHANGES(pos, cr) \
	INVARIANT(__CPROVER_loop_entry(pos) <= pos && pos <= n)

#define LOOP_feed_body_1 \
	CHANGES(pos, body, earlier, ps->state, ps->match, ps->skip, \
		__CPROVER_object_upto(ps->end, sizeof(ps->end)), *found, \
		*used) \
	INVARIANT(pos <= n && body <= pos && MATCHING(ps) && (earlier || ps->skip == 0) && \
		  (!earlier || (body == 0 && ps->match > 0)))

#include "msrp/frame.c"

struct msrp_parser nondet_parser(void);


/** Into a parser: the end-line, or the header section behind it.  What it
 *  holds is any octets before and after */
void *memcpy(void *dst, const void *src, size_t n)
{
	const size_t at = __CPROVER_POINTER_OFFSET(dst);
	const size_t buf = offsetof(struct msrp_parser, buf);

	ASSERT(readable(src, n));
	ASSERT(n == 0 || __CPROVER_w_ok(dst, n));
	ASSERT(n <= (at < buf ? buf - at : buf + MSRP_HEAD_MAX - at));

	return dst;
}


static bool invariants(const struct msrp_parser *ps)
{
	switch (ps->state) {

	case STATE_HEAD:
		return GATHERING(ps) && ps->line <= ps->len &&
			ps->len <= MSRP_HEAD_MAX;

	case STATE_BODY:
	case STATE_END:
		return DONE(ps) && ps->line == 0 && ps->len == 0;

	default:
		return ps->state == STATE_DEAD;
	}
}


/* ------------------------------------------------------------------ */
/* Contracts of others */

const char *msrp_skip(const char *p, const char *end, unsigned mask)
{
	(void)mask;

	return any_place(p, end);
}


int msrp_head_decode(struct msrp_head *head, const char *p, size_t n,
		     bool body)
{
	(void)head;
	(void)body;
	ASSERT(readable(p, n));

	return nondet_bool() ? EBADMSG : 0;
}


/* ------------------------------------------------------------------ */
/* Lines */

int start_line_contract(struct msrp_parser *ps, const char *p, size_t n)
{
	ASSERT(readable(p, n));
	if (nondet_bool())
		return EBADMSG;
	__CPROVER_havoc_slice(ps->end, sizeof(ps->end));
	ps->end_len = nondet_u8();
	ASSUME(END_KNOWN(ps));

	return 0;
}


void prove_start_line(void)
{
	struct msrp_parser ps = nondet_parser();
	const struct msrp_parser old = ps;
	const size_t n = nondet_size();
	int err;

	ASSUME(n <= TEXT_MAX);
	err = start_line(&ps, any_octets(n), n);
	ASSERT(err == EBADMSG || (err == 0 && END_KNOWN(&ps)));
	ASSERT(ps.state == old.state && ps.match == old.match &&
	       ps.skip == old.skip && ps.line == old.line &&
	       ps.len == old.len);
}


static bool before_line(const struct msrp_parser *ps, const char *p, size_t n)
{
	return GATHERING(ps) && ps->line < n && n <= MSRP_HEAD_MAX &&
		readable(p, n);
}


static bool after_line(const struct msrp_parser *ps, size_t line, size_t n,
		       int err)
{
	if (err == EBADMSG)
		return ps->line == line;

	return err == EAGAIN ? GATHERING(ps) && ps->line == n :
		err == 0 && DONE(ps) && ps->line == line;
}


int line_done_contract(struct msrp_parser *ps, const char *p, size_t n)
{
	const struct msrp_parser old = *ps;
	const int err = nondet_int();

	ASSERT(before_line(ps, p, n));
	__CPROVER_havoc_slice(ps->end, sizeof(ps->end));
	ps->end_len = nondet_u8();
	ps->state = nondet_u8();
	ps->match = nondet_u8();
	ps->skip = nondet_u8();
	ps->line = nondet_u16();
	ASSUME(after_line(ps, old.line, n, err));

	return err;
}


void prove_line_done(void)
{
	struct msrp_parser ps = nondet_parser();
	const struct msrp_parser old = ps;
	const size_t n = nondet_size();
	char *p;
	int err;

	ASSUME(n <= MSRP_HEAD_MAX);
	p = any_octets(n);
	ASSUME(before_line(&ps, p, n));
	err = line_done(&ps, p, n);
	ASSERT(after_line(&ps, old.line, n, err));
	ASSERT(ps.len == old.len);
}


/* ------------------------------------------------------------------ */
/* Header sections */

/** What head_in_place() leaves behind */
static bool after_place(const struct msrp_parser *ps, size_t n, size_t len,
			int err)
{
	if (err == EBADMSG || err == EOVERFLOW)
		return true;
	if (err == EAGAIN)
		return GATHERING(ps) && invariants(ps) && ps->len == n;

	return err == 0 && DONE(ps) && ps->len == 0 && len <= n &&
		ps->line < len;
}


int head_in_place_contract(struct msrp_parser *ps, const char *p,
				  size_t n, size_t *len)
{
	const int err = nondet_int();

	ASSERT(GATHERING(ps) && ps->len == 0 && ps->line == 0);
	ASSERT(n && readable(p, n));
	*ps = nondet_parser();
	*len = nondet_size();
	ASSUME(after_place(ps, n, *len, err));

	return err;
}


void prove_head_in_place(void)
{
	struct msrp_parser ps = nondet_parser();
	const size_t n = nondet_size();
	size_t len = 0;
	int err;

	ASSUME(n && n <= TEXT_MAX);
	ASSUME(GATHERING(&ps) && ps.len == 0 && ps.line == 0);
	err = head_in_place(&ps, any_octets(n), n, &len);
	ASSERT(after_place(&ps, n, len, err));
}


static bool after_gather(const struct msrp_parser *ps, size_t n, size_t used,
			 int err)
{
	if (err == EBADMSG || err == EOVERFLOW)
		return true;
	if (err == EAGAIN)
		return GATHERING(ps) && invariants(ps) && used == n;

	return err == 0 && DONE(ps) && ps->line <= ps->len &&
		ps->len <= MSRP_HEAD_MAX && used <= n;
}


int head_gather_contract(struct msrp_parser *ps, const char *p,
				size_t n, size_t *used)
{
	const int err = nondet_int();

	ASSERT(GATHERING(ps) && invariants(ps) && ps->len > 0);
	ASSERT(n && readable(p, n));
	*ps = nondet_parser();
	*used = nondet_size();
	ASSUME(after_gather(ps, n, *used, err));

	return err;
}


void prove_head_gather(void)
{
	struct msrp_parser ps = nondet_parser();
	const size_t n = nondet_size();
	size_t used = 0;
	int err;

	ASSUME(n && n <= TEXT_MAX);
	ASSUME(GATHERING(&ps) && invariants(&ps) && ps.len > 0);
	err = head_gather(&ps, any_octets(n), n, &used);
	ASSERT(after_gather(&ps, n, used, err));
}


/** What is promised of both: header sections and bodies */
static bool after_feed(const struct msrp_parser *ps, size_t n, size_t used,
		       int err)
{
	if (err && err != EAGAIN)
		return err == EBADMSG || err == EOVERFLOW;

	return invariants(ps) && ps->state != STATE_DEAD && used <= n &&
		(err == 0 || used == n);
}


int feed_head_contract(struct msrp_parser *ps,
			      struct msrp_found *found,
			      struct msrp_head *head, const char *p, size_t n,
			      size_t *used)
{
	const int err = nondet_int();

	ASSERT(ps->state == STATE_HEAD && invariants(ps));
	ASSERT(n && readable(p, n));
	(void)head;
	*ps = nondet_parser();
	*used = nondet_size();
	if (!err)
		found->step = MSRP_STEP_HEAD;
	ASSUME(after_feed(ps, n, *used, err));

	return err;
}


void prove_feed_head(void)
{
	struct msrp_parser ps = nondet_parser();
	struct msrp_found f;
	struct msrp_head head;
	const size_t n = nondet_size();
	size_t used;
	int err;

	ASSUME(n && n <= TEXT_MAX);
	ASSUME(ps.state == STATE_HEAD && invariants(&ps));
	err = feed_head(&ps, &f, &head, any_octets(n), n, &used);
	ASSERT(after_feed(&ps, n, used, err));
}


/* ------------------------------------------------------------------ */
/* Bodies */

size_t next_cr_contract(const char *p, size_t pos, size_t n)
{
	const size_t i = nondet_size();

	ASSERT(pos <= n && readable(p, n));
	ASSUME(pos <= i && i <= n);

	return i;
}


void prove_next_cr(void)
{
	const size_t n = nondet_size(), pos = nondet_size();
	size_t i;

	ASSUME(n <= TEXT_MAX && pos <= n);
	i = next_cr(any_octets(n), pos, n);
	ASSERT(pos <= i && i <= n);
}


/** Pieces of a body are not empty and lie in the input or the end-line */
static bool is_piece(const struct msrp_parser *ps, const struct msrp_found *f,
		     const void *p, size_t n)
{
	if (f->step != MSRP_STEP_DATA || !f->len)
		return false;
	if (f->data == p)
		return f->len <= n;

	return f->data >= (const uint8_t *)ps->end && f->data <=
		(const uint8_t *)ps->end + sizeof(ps->end) && f->len <=
		sizeof(ps->end) - (size_t)(f->data -
					   (const uint8_t *)ps->end);
}


static bool after_body(const struct msrp_parser *ps, size_t n, size_t used,
		       int err)
{
	if (ps->line || ps->len || used > n)
		return false;
	if (err == ENOENT)
		return ps->state == STATE_END && END_KNOWN(ps);

	return after_feed(ps, n, used, err);
}


int feed_body_contract(struct msrp_parser *ps,
			      struct msrp_found *found, const char *p,
			      size_t n, size_t *used)
{
	const int err = nondet_int();

	ASSERT(ps->state == STATE_BODY && invariants(ps));
	ASSERT(n && readable(p, n));
	*ps = nondet_parser();
	*used = nondet_size();
	ASSUME(after_body(ps, n, *used, err));
	if (!err) {
		found->step = MSRP_STEP_DATA;
		found->len = nondet_size();
		found->data = nondet_bool() ? (const uint8_t *)p :
			(const uint8_t *)ps->end + ps->skip;
		ASSUME(is_piece(ps, found, p, n));
	}

	return err;
}


void prove_feed_body(void)
{
	struct msrp_parser ps = nondet_parser();
	struct msrp_found f;
	const size_t n = nondet_size();
	size_t used;
	void *p;
	int err;

	ASSUME(n && n <= TEXT_MAX);
	ASSUME(ps.state == STATE_BODY && invariants(&ps));
	p = any_octets(n);
	err = feed_body(&ps, &f, p, n, &used);
	ASSERT(after_body(&ps, n, used, err));
	if (!err)
		ASSERT(is_piece(&ps, &f, p, n));
}


/* ------------------------------------------------------------------ */

void prove_msrp_parser_feed(void)
{
	struct msrp_parser ps = nondet_parser();
	struct msrp_found f;
	struct msrp_head head;
	const size_t n = nondet_size();
	size_t used;
	void *p;
	int err;

	/* a new parser fulfils the invariants, and keeps them */
	if (nondet_bool())
		msrp_parser_init(&ps);
	else
		ASSUME(invariants(&ps));

	ASSUME(n <= TEXT_MAX);
	p = any_octets(n);
	err = msrp_parser_feed(&ps, &f, &head, p, n, &used);

	ASSERT(invariants(&ps));
	ASSERT(used <= n);
	ASSERT(err == 0 || used == n);
	if (!err && f.step == MSRP_STEP_DATA)
		ASSERT(is_piece(&ps, &f, p, n));
}
