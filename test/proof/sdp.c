/*
 * Proof: lines and session level of session descriptions (ue/sdp/sdp.c)
 *
 * On a description of any length and contents, in memory of exactly that size:
 * nothing outside of it is read, and lines, words, the two parts and the
 * session identifier lie in it.  Loops are proved by induction and calls by
 * contracts in sdp.h, so there is no bound.  A bad line may be taken or not.
 * Not here: that numbers are not cut; unit tests hold it.
 *
 * prove: sdesc_line_next
 * bug: sdesc_line_next: ue/sdp/sdp.c s/if (len && p/if (p/
 * bug: sdesc_line_next: ue/sdp/sdp.c s/if (len < 2 ||/if (/
 * bug: sdesc_line_next: ue/sdp/sdp.c s/rest->l -= len + (nl != NULL)/rest->l -= len/
 * prove: sdesc_word_next
 * bug: sdesc_word_next: ue/sdp/sdp.c s/while (len && .p/while (*p/
 * bug: sdesc_word_next: ue/sdp/sdp.c s/while (n < len && /while (/
 * bug: sdesc_word_next: ue/sdp/sdp.c s/rest->l = len - n/rest->l -= n/
 * prove: sdesc_u64
 * bug: sdesc_u64: ue/sdp/sdp.c s/i < pl->l; i++/i <= pl->l; i++/
 * prove: origin
 * bug: origin: ue/sdp/sdp.c s/sdp->sess_id = word/sdp->sess_id.l = word.l/
 * prove: sdesc_connection
 * bug: sdesc_connection: ue/sdp/sdp.c s/sdesc_word_next(&type, &rest) ||//
 * prove: sdesc_direction
 * bug: sdesc_direction: ue/sdp/sdp.c s/i < 4; i++/i <= 4; i++/
 * prove: session_lines
 * bug: session_lines: ue/sdp/sdp.c s/while (text->l && /while (/
 * prove: expect
 * bug: expect: ue/sdp/sdp.c s/sdesc_line_next(line, text) || //
 * prove: head
 * bug: head: ue/sdp/sdp.c s/ || origin(sdp, &line.val) ||/ ||/
 * prove: sdesc_decode
 * bug: sdesc_decode: ue/sdp/sdp.c s/(size_t)(rest.p - text->p)/text->l + 1/
 * bug: sdesc_decode: ue/sdp/sdp.c s/sdp.media = rest;/sdp.media.l = rest.l;/
 */
#define PROVED_SDP
#include "test/proof/sdp.h"

/** Not there, or before end */
#define OPTIONAL(pl, end) ((pl)->p == NULL ? (pl)->l == 0 : \
			   (__CPROVER_same_object((pl)->p, end) && \
			    PLACE((pl)->p) <= PLACE(end) && \
			    (pl)->l <= PLACE(end) - PLACE((pl)->p)))

#define LOOP_sdesc_word_next_1 \
	CHANGES(p, len) \
	INVARIANT(__CPROVER_same_object(p, rest->p) && len <= rest->l && \
		  PLACE(p) == PLACE(rest->p) + rest->l - len) \
	__CPROVER_decreases(len)
#define LOOP_sdesc_word_next_2 CHANGES(n) INVARIANT(n <= len) \
	__CPROVER_decreases(len - n)
#define LOOP_sdesc_u64_1 CHANGES(i, n) INVARIANT(i <= pl->l) \
	__CPROVER_decreases(pl->l - i)
#define LOOP_origin_1 \
	CHANGES(rest, word, id, i, sdp->sess_id, sdp->version) \
	INVARIANT(REST(&rest, text_end) && \
		  OPTIONAL(&sdp->sess_id, text_end)) \
	__CPROVER_decreases(rest.l)
#define LOOP_sdesc_direction_1 CHANGES(i, *dir) INVARIANT(i <= 4) \
	__CPROVER_decreases(4 - i)
#define LOOP_session_lines_1 \
	CHANGES(*text, line, timed, err, sdp->addr, sdp->conn, sdp->dir) \
	INVARIANT(REST(text, text_end)) \
	__CPROVER_decreases(text->l)

#include "ue/sdp/sdp.c"

struct sdesc nondet_sdesc(void);


void prove_sdesc_line_next(void)
{
	const char *end;
	const struct pl text = any_pl(&end);
	struct pl rest = text;
	struct sdesc_line line;
	const int err = sdesc_line_next(&line, &rest);

	ASSERT(is_rest(&rest, &text));
	ASSERT(err == 0 || err == EBADMSG || (err == ENOENT && !text.l));
	if (!err)
		ASSERT(line.val.p == text.p + 2 &&
		       line.val.l <= text.l - rest.l - 2);
}


void prove_sdesc_word_next(void)
{
	const char *end;
	const struct pl text = any_pl(&end);
	struct pl rest = text, word;

	if (!sdesc_word_next(&word, &rest))
		ASSERT(is_part(&word, text.p, rest.p) && word.l > 0);
	ASSERT(is_rest(&rest, &text));
}


void prove_sdesc_u64(void)
{
	const char *end;
	const struct pl pl = any_pl(&end);
	uint64_t v;

	if (sdesc_u64(&v, &pl))
		ASSERT(pl.l > 0);
}


int origin_contract(struct sdesc *sdp, const struct pl *val)
{
	ASSERT(is_text(val));
	if (nondet_bool())
		return EBADMSG;
	part_of(&sdp->sess_id, val);

	return 0;
}


void prove_origin(void)
{
	const struct pl val = any_pl(&text_end);
	struct sdesc sdp = nondet_sdesc();

	sdp.sess_id.p = NULL;
	sdp.sess_id.l = 0;
	(void)origin(&sdp, &val);
	ASSERT(is_maybe_part(&sdp.sess_id, val.p, text_end));
}


int ue_addr_decode(struct ue_addr *addr, const struct pl *text)
{
	ASSERT(is_text(text));
	*addr = nondet_ip();

	return nondet_bool() ? EBADMSG : 0;
}


void prove_sdesc_connection(void)
{
	const char *end;
	const struct pl val = any_pl(&end);
	struct ue_addr addr;

	(void)sdesc_connection(&addr, &val);
}


void prove_sdesc_direction(void)
{
	const char *end;
	const struct pl attr = any_pl(&end);
	uint8_t dir;

	if (sdesc_direction(&dir, &attr))
		ASSERT(dir <= SDESC_SENDRECV);
}


int session_lines_contract(struct sdesc *sdp, struct pl *text)
{
	(void)sdp;
	ASSERT(is_text(text));
	take(text, nondet_size());

	return nondet_bool() ? EBADMSG : 0;
}


void prove_session_lines(void)
{
	const struct pl text = any_pl(&text_end);
	struct pl rest = text;
	struct sdesc sdp = nondet_sdesc();

	(void)session_lines(&sdp, &rest);
	ASSERT(is_rest(&rest, &text));
}


int expect_contract(struct sdesc_line *line, char type, struct pl *text)
{
	(void)type;

	return sdesc_line_next_contract(line, text) ? EBADMSG : 0;
}


void prove_expect(void)
{
	const struct pl text = any_pl(&text_end);
	struct pl rest = text;
	struct sdesc_line line;

	if (!expect(&line, (char)nondet_u8(), &rest))
		ASSERT(is_part(&line.val, text.p, text_end));
	ASSERT(is_rest(&rest, &text));
}


int head_contract(struct sdesc *sdp, struct pl *text)
{
	ASSERT(is_text(text));
	part_of(&sdp->sess_id, text);
	take(text, nondet_size());

	return nondet_bool() ? EBADMSG : 0;
}


void prove_head(void)
{
	const struct pl text = any_pl(&text_end);
	struct pl rest = text;
	struct sdesc sdp = nondet_sdesc();

	if (!head(&sdp, &rest))
		ASSERT(is_part(&sdp.sess_id, text.p, text_end));
	ASSERT(is_rest(&rest, &text));
}


void prove_sdesc_decode(void)
{
	const struct pl text = any_pl(&text_end);
	struct sdesc sdp;

	if (sdesc_decode(&sdp, &text))
		return;
	ASSERT(is_part(&sdp.session, text.p, text_end));
	ASSERT(is_rest(&sdp.media, &text));
	ASSERT(is_part(&sdp.sess_id, text.p, text_end));
	ASSERT(sdp.mediac <= SDESC_MEDIA_MAX);
}
