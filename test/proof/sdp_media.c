/*
 * Proof: media descriptions and attributes (ue/sdp/sdp_media.c)
 *
 * On a description of any length and contents, in memory of exactly that size:
 * nothing outside of it is read, the words of an m= line, the lines behind it
 * and names and values of attributes lie in it, there are not more than
 * SDESC_MEDIA_MAX of them, and no port is cut.  Loops are proved by induction
 * and calls by contracts in sdp.h, so there is no bound.  Not here: that
 * sdesc_media() finds each that sdesc_media_lines() has counted; both read the
 * same text in the same way.
 *
 * flags: --conversion-check
 * prove: to_port
 * bug: to_port: ue/sdp/sdp_media.c s/ || v > UINT16_MAX//
 * prove: media_line
 * bug: media_line: ue/sdp/sdp_media.c s/(size_t)(slash - port.p)/(size_t)(slash - val->p)/
 * bug: media_line: ue/sdp/sdp_media.c s/m->fmts = rest/m->fmts.l = rest.l/
 * prove: media_decode
 * bug: media_decode: ue/sdp/sdp_media.c s/while (text->l && /while (/
 * bug: media_decode: ue/sdp/sdp_media.c s/(size_t)(text->p - m->lines.p)/text->l + 1/
 * prove: sdesc_media_lines
 * bug: sdesc_media_lines: ue/sdp/sdp_media.c s/mediac == SDESC_MEDIA_MAX/mediac > SDESC_MEDIA_MAX/
 * prove: sdesc_media
 * bug: sdesc_media: ue/sdp/sdp_media.c s/pl rest = sdp->media/pl rest = sdp->session/
 * prove: sdesc_attr_next
 * bug: sdesc_attr_next: ue/sdp/sdp_media.c s/line.val.l - a->name.l - 1/line.val.l - a->name.l/
 * bug: sdesc_attr_next: ue/sdp/sdp_media.c s/a->val.l = 0;/a->val.l = 1;/
 * prove: attr_get
 * bug: attr_get: ue/sdp/sdp_media.c s/.val = a.val/val->l = a.val.l/
 */
#define PROVED_SDP_MEDIA
#include "test/proof/sdp.h"

#define LOOP_media_decode_1 \
	CHANGES(*text, line, conn, err, m->addr, m->dir) \
	INVARIANT(REST(text, text_end)) \
	__CPROVER_decreases(text->l)
#define LOOP_sdesc_media_lines_1 \
	CHANGES(rest, m, err, sdp->mediac) \
	INVARIANT(REST(&rest, text_end) && \
		  sdp->mediac <= SDESC_MEDIA_MAX) \
	__CPROVER_decreases(rest.l)
#define LOOP_sdesc_media_1 \
	CHANGES(rest, i, once, *m) INVARIANT(REST(&rest, text_end))
#define LOOP_sdesc_attr_next_1 \
	CHANGES(*lines, line, *a, colon) \
	INVARIANT(REST(lines, text_end)) \
	__CPROVER_decreases(lines->l)
#define LOOP_attr_get_1 \
	CHANGES(lines, a, *val) \
	INVARIANT(REST(&lines, text_end)) \
	__CPROVER_decreases(lines.l)

#include "ue/sdp/sdp_media.c"

struct sdesc nondet_sdesc(void);


/** Not with 0, which is at the end of any string */
char *strchr(const char *str, int c)
{
	ASSERT(c != 0);

	return nondet_bool() ? (char *)str : NULL;
}


bool to_port_contract(uint16_t *port, const struct pl *pl)
{
	ASSERT(is_text(pl));
	*port = nondet_u16();

	return nondet_bool();
}


void prove_to_port(void)
{
	const char *end;
	const struct pl pl = any_pl(&end);
	uint16_t port;

	(void)to_port(&port, &pl);
}


/** What is read is read of a value that has been taken */
int media_line_contract(struct sdesc_media *m, const struct pl *val)
{
	(void)m;
	ASSERT(is_text(val));

	return nondet_bool() ? EBADMSG : 0;
}


void prove_media_line(void)
{
	const char *end;
	const struct pl val = any_pl(&end);
	struct sdesc_media m;

	if (media_line(&m, &val))
		return;
	ASSERT(is_part(&m.type, val.p, end) && is_part(&m.proto, val.p, end));
	ASSERT(is_part(&m.fmts, val.p, end));
}


int media_decode_contract(struct sdesc_media *m, struct pl *text,
			  const struct sdesc *sdp)
{
	ASSERT(is_text(text) && __CPROVER_r_ok(sdp, sizeof(*sdp)));
	m->port = nondet_u16();
	if (text->l) {
		const size_t n = nondet_size();

		ASSUME(n > 0);
		take(text, n);

		return nondet_bool() ? EBADMSG : 0;
	}

	return ENOENT;
}


void prove_media_decode(void)
{
	const struct pl text = any_pl(&text_end);
	const struct sdesc sdp = nondet_sdesc();
	struct pl rest = text;
	struct sdesc_media m;

	if (!media_decode(&m, &rest, &sdp))
		ASSERT(is_part(&m.lines, text.p, rest.p));
	ASSERT(is_rest(&rest, &text));
}


void prove_sdesc_media_lines(void)
{
	const struct pl text = any_pl(&text_end);
	struct sdesc sdp = nondet_sdesc();

	sdp.mediac = 0;
	(void)sdesc_media_lines(&sdp, text);
	ASSERT(sdp.mediac <= SDESC_MEDIA_MAX);
}


void prove_sdesc_media(void)
{
	struct sdesc sdp = nondet_sdesc();
	struct sdesc_media m;
	const int i = nondet_u8();

	sdp.media = any_pl(&text_end);
	if (!sdesc_media(&m, &sdp, (unsigned)i))
		ASSERT(i < sdp.mediac);
}


void prove_sdesc_attr_next(void)
{
	const struct pl text = any_pl(&text_end);
	struct pl rest = text;
	struct sdesc_attr a;

	if (!sdesc_attr_next(&a, &rest)) {
		ASSERT(is_part(&a.name, text.p, text_end));
		ASSERT(is_maybe_part(&a.val, text.p, text_end));
	}
	ASSERT(is_rest(&rest, &text));
}


void prove_attr_get(void)
{
	const struct pl lines = any_pl(&text_end);
	struct pl val;

	if (!attr_get(&val, lines, "path"))
		ASSERT(is_maybe_part(&val, lines.p, text_end));
	(void)attr_get(NULL, lines, "sendonly");
}
