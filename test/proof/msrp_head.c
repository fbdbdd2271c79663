/*
 * Proof: lines, fields and numbers of MSRP header sections (msrp/head.c)
 *
 * On a text of any length and contents in memory of exactly that size: lines,
 * names and values lie in it, numbers are cut to MSRP_ANY - 1 and do not
 * overflow, and nothing outside of it is read.  Loops are proved by induction
 * and calls by contracts (msrp.h), so there is no bound.
 *
 * unwind: 2
 * prove: msrp_line
 * bug: msrp_line: msrp/head.c s/rest->l -= line->l + 1/rest->l -= line->l/
 * bug: msrp_line: msrp/head.c s/!line->l || nl/nl/
 * prove: msrp_field
 * bug: msrp_field: msrp/head.c s/p < end && .p == ' '/*p == ' '/
 * bug: msrp_field: msrp/head.c s/end > p && end/end/
 * prove: msrp_is_text
 * bug: msrp_is_text: msrp/head.c s/i < pl->l; i++) {$/i <= pl->l; i++) {/
 * prove: msrp_number --unsigned-overflow-check
 * bug: msrp_number: msrp/head.c s/p == end || !is_digit/!is_digit/
 * bug: msrp_number: msrp/head.c s/(MSRP_ANY - 1 - d)/(MSRP_ANY - 1 + d)/
 * prove: byte_range
 * bug: byte_range: msrp/head.c s/p == end || .p++ != '-'/*p++ != '-'/
 * bug: byte_range: msrp/head.c s/r->start && //
 * prove: start_line
 * bug: start_line: msrp/head.c s/line->l < 9/line->l < 4/
 * bug: start_line: msrp/head.c s/end - sp < 4/end - sp < 3/
 * prove: field
 * bug: field: msrp/head.c s/h->hdrv.i. = val/h->hdrv[i].l = val.l + 9/
 * prove: msrp_head_decode
 * bug: msrp_head_decode: msrp/head.c s/rest = {p, n}/rest = {p, n + 1}/
 * prove: msrp_head_report
 * bug: msrp_head_report: msrp/head.c s/pl->l < 7/pl->l < 6/
 * assumed: is_sound looks at fields that are there, paths by msrp_uri; any verdict
 * assumed: msrp_name_find compares text with constants; not that it ends there
 * assumed: report compares a value with constants; any answer will do
 * assumed: status_code reads three octets, which are there; any number
 */
#define PROVED_HEAD
#include "test/proof/msrp.h"

#define LOOP_msrp_field_1 CHANGES(p, once) \
	INVARIANT(FORWARD(p, end) && (PLACE(p) < PLACE(end) || !once))
#define LOOP_msrp_field_2 CHANGES(end) \
	INVARIANT(__CPROVER_same_object(p, end) && PLACE(p) <= PLACE(end) && \
		  PLACE(end) <= PLACE(__CPROVER_loop_entry(end)))
#define LOOP_msrp_is_text_1 CHANGES(i) INVARIANT(i <= pl->l)
#define LOOP_msrp_number_1 CHANGES(p, n) \
	INVARIANT(FORWARD(p, end) && n <= MSRP_ANY - 1)
#define LOOP_start_line_1 STEPS(p, end)
#define LOOP_msrp_head_decode_1 \
	CHANGES(rest, line, err, head->tid, head->bad, once) \
	INVARIANT(__CPROVER_same_object(rest.p, p) && rest.l <= n && \
		  PLACE(rest.p) == n - rest.l) \
	__CPROVER_decreases(rest.l)

/** One header field of any number stands for all */
static const char *text;
static size_t text_len;
static unsigned some;

#define PART(pl) ((pl)->p == NULL || \
		  (__CPROVER_same_object((pl)->p, text) && \
		   PLACE((pl)->p) <= text_len && \
		   (pl)->l <= text_len - PLACE((pl)->p)))
#define PARTS(head) (some < MSRP_HDR_MAX && PART(&(head)->hdrv[some]) && \
		     PART(&(head)->tid) && PART(&(head)->name))

#include "msrp/head.c"

struct msrp_head nondet_head(void);


/* ------------------------------------------------------------------ */
/* Contracts of others */

bool msrp_path_valid(const struct pl *path)
{
	ASSERT(readable(path->p, path->l));

	return nondet_bool();
}


char *strchr(const char *s, int c)
{
	(void)c;

	return nondet_bool() ? (char *)s : NULL;
}


/* ------------------------------------------------------------------ */

void prove_msrp_line(void)
{
	const char *end, *p = any_text(&end);
	struct pl rest = {p, (size_t)(end - p)}, line = {NULL, 0};
	const int err = msrp_line(&line, &rest);

	ASSERT(err == 0 || err == EBADMSG || err == EPROTO);
	if (err == EBADMSG)
		return;
	ASSERT(is_place(rest.p, p, end) && rest.p + rest.l == end);
	ASSERT(line.p == p && line.l < (size_t)(rest.p - p));
}


void prove_msrp_field(void)
{
	const char *end, *p = any_text(&end);
	const struct pl line = {p, (size_t)(end - p)};
	struct pl name, val;

	if (!msrp_field(&name, &val, &line))
		return;
	ASSERT(name.p == p && name.l && name.l <= line.l);
	ASSERT(is_part(&val, p, end));
}


void prove_msrp_is_text(void)
{
	const char *end, *p = any_text(&end);
	const struct pl pl = {p, (size_t)(end - p)};

	(void)msrp_is_text(&pl, nondet_bool() ? "" : "\t<>");
}


void prove_msrp_number(void)
{
	const char *end, *p = any_text(&end);
	uint32_t v = MSRP_ANY;
	const char *q = msrp_number(&v, p, end);

	ASSERT(!q || (is_place(q, p, end) && q > p && v < MSRP_ANY));
}


bool byte_range_contract(struct msrp_range *r, const struct pl *pl)
{
	(void)r;
	(void)pl;

	return nondet_bool();
}


void prove_byte_range(void)
{
	const char *end, *p = any_text(&end);
	const struct pl pl = {p, (size_t)(end - p)};
	struct msrp_range r;

	/* the length end - start + 1 is a number */
	if (byte_range(&r, &pl))
		ASSERT(r.start >= 1 && r.start < MSRP_ANY &&
		       r.end >= r.start - 1);
}


enum msrp_want report_contract(const struct pl *val, enum msrp_want absent)
{
	(void)val;

	return absent;
}


bool is_sound_contract(const struct msrp_head *h)
{
	(void)h;

	return nondet_bool();
}


uint16_t status_code_contract(const char *p)
{
	ASSERT(readable(p, 3));

	return nondet_u16();
}


int start_line_contract(struct msrp_head *h, const struct pl *line)
{
	ASSERT(readable(line->p, line->l));
	h->tid.p = line->p;

	return nondet_bool() ? EBADMSG : 0;
}


void prove_start_line(void)
{
	const char *end, *p = any_text(&end);
	const struct pl line = {p, (size_t)(end - p)};
	struct msrp_head h = nondet_head();

	if (start_line(&h, &line))
		return;
	ASSERT(is_part(&h.tid, p, end) && is_part(&h.name, p, end));
}


void field_contract(struct msrp_head *h, const struct pl *line)
{
	ASSERT(readable(line->p, line->l));
	h->bad = nondet_bool();
}


void prove_field(void)
{
	const char *end, *p = any_text(&end);
	const struct pl line = {p, (size_t)(end - p)};
	struct msrp_head h = nondet_head();

	text = p;
	text_len = line.l;
	some = nondet_u8();
	ASSUME(PARTS(&h));
	field(&h, &line);
	ASSERT(PARTS(&h));
}


/** What is found lies in the line that it was found in, see above */
void prove_msrp_head_decode(void)
{
	const char *end, *p = any_text(&end);
	struct msrp_head h;

	(void)msrp_head_decode(&h, p, (size_t)(end - p), nondet_bool());
}


void prove_msrp_head_report(void)
{
	const char *end, *p = any_text(&end);
	struct msrp_head h = nondet_head();

	h.hdrv[MSRP_STATUS].p = p;
	h.hdrv[MSRP_STATUS].l = (size_t)(end - p);
	(void)msrp_head_report(&h);
}
