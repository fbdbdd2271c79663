/*
 * Proof: codecs, preconditions and hexadecimal octets of media descriptions
 * (ue/sdp/sdp_stream.c)
 *
 * On lines and values of any length and contents, in memory of exactly that
 * size: nothing outside of them is read, name and parameters of a codec lie in
 * them, and no number is cut.  Words that are looked for and directions stay
 * in their tables.  Loops are proved by induction and calls by contracts in
 * sdp.h, so there is no bound.
 *
 * prove: to_u32 --unsigned-overflow-check --conversion-check
 * bug: to_u32: ue/sdp/sdp_stream.c s/pl->l > 9)/pl->l > 10)/
 * bug: to_u32: ue/sdp/sdp_stream.c s/i < pl->l; i++/i <= pl->l; i++/
 * prove: of_format
 * bug: of_format: ue/sdp/sdp_stream.c s/while (rest.l && /while (/
 * bug: of_format: ue/sdp/sdp_stream.c s/		--rest.l;/		rest.l -= 0;/
 * prove: split
 * bug: split: ue/sdp/sdp_stream.c s/pl->l - head->l - 1/pl->l - head->l/
 * bug: split: ue/sdp/sdp_stream.c s/tail->l = 0;/tail->l = 1;/
 * prove: rtpmap --conversion-check
 * bug: rtpmap: ue/sdp/sdp_stream.c s/ || n > UINT8_MAX//
 * prove: sdesc_codec_next --conversion-check --unwind 3
 * bug: sdesc_codec_next: ue/sdp/sdp_stream.c s/ || pt > 127)/)/
 * bug: sdesc_codec_next: ue/sdp/sdp_stream.c s/c.fmtp = val/c.fmtp.l = val.l/
 * prove: is_one_of
 * bug: is_one_of: ue/sdp/sdp_stream.c s/i < count; i++/i <= count; i++/
 * prove: pre_decode
 * bug: pre_decode: ue/sdp/sdp_stream.c s/strengthv, 3)/strengthv, 4)/
 * bug: pre_decode: ue/sdp/sdp_stream.c s/sdesc_word_next(&pre->type, &rest) ||//
 * prove: add_des
 * bug: add_des: ue/sdp/sdp_stream.c s/.dir |= pre->dir/*dir += pre->dir/
 * prove: sdesc_qos_decode
 * bug: sdesc_qos_decode: ue/sdp/sdp_stream.c /if (!a.val.p)/,+1d
 * prove: sdesc_write_qos
 * bug: sdesc_write_qos: ue/sdp/sdp_stream.c s/dirv.q->curr_local & 3/dirv[q->curr_local/
 * bug: sdesc_write_qos: ue/sdp/sdp_stream.c s/dirv.dir & 3/dirv[dir/
 * prove: sdesc_hex_decode
 * bug: sdesc_hex_decode: ue/sdp/sdp_stream.c s/i + 1 < n && q/q/
 * bug: sdesc_hex_decode: ue/sdp/sdp_stream.c s/len != 3 . n - 1/len < 2 * n/
 */
#include "test/proof/sdp.h"
#include "ue/sip/writer.h"

/** What so many digits are below */
#define POWER(i) ((i) < 1 ? 1u : (i) < 2 ? 10u : (i) < 3 ? 100u : \
		  (i) < 4 ? 1000u : (i) < 5 ? 10000u : (i) < 6 ? 100000u : \
		  (i) < 7 ? 1000000u : (i) < 8 ? 10000000u : \
		  (i) < 9 ? 100000000u : 1000000000u)

#define LOOP_to_u32_1 CHANGES(i, n) \
	INVARIANT(i <= pl->l && i <= 9 && n < POWER(i)) \
	__CPROVER_decreases(pl->l - i)
#define LOOP_static_codec_1 CHANGES(i, c->name) INVARIANT(i <= 6) \
	__CPROVER_decreases(6 - i)
#define LOOP_of_format_1 CHANGES(rest) INVARIANT(REST(&rest, text_end)) \
	__CPROVER_decreases(rest.l)
#define LOOP_sdesc_codec_next_1 \
	CHANGES(lines, a, val, c) \
	INVARIANT(REST(&lines, text_end) && c.pt == pt && \
		  (c.fmtp.p == NULL ? c.fmtp.l == 0 : \
		   (__CPROVER_same_object(c.fmtp.p, text_end) && \
		    PLACE(c.fmtp.p) <= PLACE(text_end) && \
		    c.fmtp.l <= PLACE(text_end) - PLACE(c.fmtp.p)))) \
	__CPROVER_decreases(lines.l)
#define LOOP_is_one_of_1 CHANGES(i, *n) INVARIANT(i <= count) \
	__CPROVER_decreases(count - i)
#define QOS(q) ((q)->curr_local <= 3 && (q)->curr_remote <= 3 && \
		(q)->des_local <= 3 && (q)->des_remote <= 3 && \
		(q)->strength_local <= 2 && (q)->strength_remote <= 2 && \
		(q)->conf_remote <= 3)
#define LOOP_sdesc_qos_decode_1 \
	CHANGES(lines, a, pre, any, err, q) \
	INVARIANT(REST(&lines, text_end) && QOS(&q)) \
	__CPROVER_decreases(lines.l)
#define LOOP_sdesc_hex_decode_1 \
	CHANGES(i, __CPROVER_object_whole(v)) \
	INVARIANT(i <= n) \
	__CPROVER_decreases(n - i)

#include "ue/ue_hex.c"
#include "ue/sdp/sdp_stream.c"

struct sdesc_qos nondet_qos(void);
struct pre nondet_pre(void);


/* ------------------------------------------------------------------ */
/* Contracts of others */

void pl_set_str(struct pl *pl, const char *str)
{
	pl->p = str;
	pl->l = 1;
}


/** Names of directions and strengths */
void sip_writer_line(struct sip_writer *w, const char *fmt, ...)
{
	(void)w;
	(void)fmt;
}


/* ------------------------------------------------------------------ */
/* Codecs */

int to_u32_contract(uint32_t *v, const struct pl *pl)
{
	ASSERT(is_text(pl));
	if (!pl->l || nondet_bool())
		return EBADMSG;
	*v = nondet_u32();

	return 0;
}


void prove_to_u32(void)
{
	const char *end;
	const struct pl pl = any_pl(&end);
	uint32_t v;

	if (!to_u32(&v, &pl))
		ASSERT(pl.l && v < 1000000000);
}


/** Of the value, where it has one */
bool of_format_contract(struct pl *val, const struct sdesc_attr *a,
			const char *name, const struct pl *fmt)
{
	(void)name;
	ASSERT(is_text(&a->name) && is_text(&a->val) && is_text(fmt));
	if (!a->val.p || nondet_bool())
		return false;
	part_of(val, &a->val);

	return true;
}


void prove_of_format(void)
{
	const char *end;
	const struct pl fmt = any_pl(&end);
	struct sdesc_attr a = {.val = any_pl(&text_end)};
	struct pl val;

	a.name = any_pl(&end);
	if (nondet_bool()) {
		a.val.p = NULL;
		a.val.l = 0;
	}
	if (of_format(&val, &a, "fmtp", &fmt))
		ASSERT(is_rest(&val, &a.val));
}


void split_contract(struct pl *head, struct pl *tail, const struct pl *pl)
{
	size_t slash = nondet_size();

	*head = *pl;
	tail->p = NULL;
	tail->l = 0;
	if (slash < pl->l) {
		head->l = slash;
		tail->p = pl->p + slash + 1;
		tail->l = pl->l - slash - 1;
	}
}


void prove_split(void)
{
	const char *end;
	const struct pl pl = any_pl(&end);
	const struct pl none = {NULL, 0};
	struct pl head, tail;

	split(&head, &tail, &pl);
	ASSERT(head.p == pl.p && head.l <= pl.l);
	if (tail.p)
		ASSERT(tail.p == pl.p + head.l + 1 && head.l < pl.l &&
		       tail.l == pl.l - head.l - 1);
	else
		ASSERT(head.l == pl.l && !tail.l);
	split(&head, &tail, &none);
	ASSERT(!head.p && !head.l && !tail.p && !tail.l);
}


int rtpmap_contract(struct sdesc_codec *c, const struct pl *val)
{
	ASSERT(is_text(val));
	c->rate_hz = nondet_u32();
	c->channels = nondet_u8();

	return nondet_bool() ? EBADMSG : 0;
}


void prove_rtpmap(void)
{
	const struct pl val = any_pl(&text_end);
	struct sdesc_codec c;

	if (!rtpmap(&c, &val))
		ASSERT(is_part(&c.name, val.p, text_end) && c.name.l);
}


void prove_sdesc_codec_next(void)
{
	const char *end;
	const struct pl fmts = any_pl(&end);
	struct sdesc_media m;
	struct sdesc_codec c;
	struct pl rest = fmts;

	m.lines = any_pl(&text_end);
	if (!sdesc_codec_next(&c, &m, &rest)) {
		ASSERT(is_maybe_part(&c.fmtp, m.lines.p, text_end));
		ASSERT(c.pt <= 127);
	}
	ASSERT(is_rest(&rest, &fmts));
}


/* ------------------------------------------------------------------ */
/* Preconditions */

bool is_one_of_contract(uint8_t *n, const struct pl *word,
			const char *const *namev, uint8_t count)
{
	ASSERT(is_text(word));
	ASSERT(__CPROVER_r_ok(namev, count * sizeof(*namev)));
	if (nondet_bool())
		return false;
	*n = nondet_u8();
	ASSUME(*n < count);

	return true;
}


void prove_is_one_of(void)
{
	const char *end;
	const struct pl word = any_pl(&end);
	uint8_t n;

	if (is_one_of(&n, &word, dirv, 4))
		ASSERT(n < 4);
}


int pre_decode_contract(struct pre *pre, const struct pl *val, bool des)
{
	ASSERT(is_text(val));
	*pre = nondet_pre();
	if (nondet_bool())
		return EBADMSG;
	part_of(&pre->type, val);
	ASSUME(pre->dir <= 3 && pre->strength <= (des ? 2 : 0));

	return 0;
}


void prove_pre_decode(void)
{
	const struct pl val = any_pl(&text_end);
	const bool des = nondet_bool();
	struct pre pre;

	if (pre_decode(&pre, &val, des))
		return;
	ASSERT(is_part(&pre.type, val.p, text_end));
	ASSERT(pre.dir <= 3 && pre.strength <= (des ? 2 : 0));
}


int add_des_contract(struct sdesc_qos *q, const struct pre *pre)
{
	ASSERT(is_text(&pre->type) && pre->dir <= 3 && pre->strength <= 2);
	*q = nondet_qos();
	ASSUME(QOS(q));

	return nondet_bool() ? ENOTSUP : 0;
}


void prove_add_des(void)
{
	struct sdesc_qos q = nondet_qos();
	struct pre pre = nondet_pre();
	const char *end;

	pre.type = any_pl(&end);
	ASSUME(QOS(&q) && pre.dir <= 3 && pre.strength <= 2);
	(void)add_des(&q, &pre);
	ASSERT(QOS(&q));
}


void prove_sdesc_qos_decode(void)
{
	struct sdesc_media m;
	struct sdesc_qos q;

	m.lines = any_pl(&text_end);
	if (!sdesc_qos_decode(&q, &m))
		ASSERT(QOS(&q));
}


/** Of any directions */
void prove_sdesc_write_qos(void)
{
	const struct sdesc_qos q = nondet_qos();

	sdesc_write_qos(NULL, &q);
}


/* ------------------------------------------------------------------ */

void prove_sdesc_hex_decode(void)
{
	const struct pl text = any_pl(&text_end);
	const size_t n = nondet_size();
	uint8_t *v;

	ASSUME(n <= TEXT_MAX);
	v = any_octets(n);
	(void)sdesc_hex_decode(v, n, text.p, text.l);
}
