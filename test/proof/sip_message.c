/*
 * Proof: offsets and lengths of a SIP message (ue/sip/message.c)
 *
 * A message of any length and contents in memory of exactly that size: lines,
 * folds, header fields, start line and body are found without reading or
 * writing outside of it; each offset and length in the table of header fields
 * lies in the message, and none is cut to its 16 or 8 bits.  Loops are proved
 * by induction and calls by contracts, so there is no bound on the input but
 * the one that the parser has.  Of the table, one place of any number stands
 * for all.
 *
 * flags: --conversion-check --no-array-field-sensitivity -DSIP_HDR_MAX=32
 * prove: line_end
 * bug: line_end: ue/sip/message.c s/end - p < 3 ||//
 * bug: line_end: ue/sip/message.c s/p == start || p/p/
 * prove: add_field
 * bug: add_field: ue/sip/message.c s/end > val && sip/sip/
 * bug: add_field: ue/sip/message.c s/m->hdrc == SIP_HDR_MAX/m->hdrc > SIP_HDR_MAX/
 * bug: add_field: ue/sip/message.c s/(uint16_t)(end - val)/(uint16_t)(end - m->buf + 1)/
 * prove: header_line
 * bug: header_line: ue/sip/message.c s/name.l > 255/name.l > 256/
 * bug: header_line: ue/sip/message.c s/q == eol ||//
 * prove: header_lines
 * bug: header_lines: ue/sip/message.c s/p < end && !at_crlf/!at_crlf/
 * bug: header_lines: ue/sip/message.c s/if (p < end)/if (p <= end)/
 * prove: is_version
 * bug: is_version: ue/sip/message.c s/q == end || .q != '.'/*q != '.'/
 * bug: is_version: ue/sip/message.c s/end - p < 7/end - p < 3/
 * prove: status_line
 * bug: status_line: ue/sip/message.c s/|| end - q < 5//
 * prove: request_line
 * bug: request_line: ue/sip/message.c s/if (!q || !is/if (!is/
 * prove: start_line
 * bug: start_line: ue/sip/message.c s/eol - p >= 4/eol - p >= 3/
 * bug: start_line: ue/sip/message.c s/q == eol || .q/*q/
 * prove: body
 * bug: body: ue/sip/message.c s/clen > rest/clen > rest + 1/
 * prove: sip_msg_parse
 * bug: sip_msg_parse: ue/sip/message.c s/while (at_crlf(p, end))/while (p < end)/
 * bug: sip_msg_parse: ue/sip/message.c s/len > SIP_MSG_LEN_MAX/len > SIP_MSG_LEN_MAX + 1/
 * assumed: sip_msg_fail stores a status and a constant
 */
#include "test/proof/sip.h"

#define LOOP_line_end_1 \
	CHANGES(p, __CPROVER_object_whole(p)) INVARIANT(FORWARD(p, end))
#define LOOP_add_field_1 CHANGES(end) \
	INVARIANT(__CPROVER_same_object(val, end) && \
		  PLACE(val) <= PLACE(end) && \
		  PLACE(end) <= PLACE(__CPROVER_loop_entry(end)))
#define LOOP_header_lines_1 \
	CHANGES(p, m->hdrc) \
	INVARIANT(FORWARD(p, end) && m->hdrc <= SIP_HDR_MAX) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_sip_msg_parse_1 STEPS(p, end)

/** The message, and one of its header fields */
static char *buf;
static size_t buf_len;
static unsigned some;

#define FIELDS(m) ((m)->hdrc <= SIP_HDR_MAX && \
		   (some >= (m)->hdrc || FIELD(&(m)->hdrv[some])))
#define FIELD(h) ((h)->name + (h)->name_len <= (h)->val && \
		  (h)->val + (h)->len <= buf_len && (h)->name_len > 0 && \
		  (h)->id <= SIP_HDR_COUNT)

#include "ue/sip/message.c"

struct sip_msg nondet_msg(void);


/** A message, and a place in it; what is before it has been read */
static char *message(struct sip_msg *m, const char **end)
{
	size_t at = nondet_size();

	buf_len = nondet_size();
	ASSUME(buf_len <= SIP_MSG_LEN_MAX && at <= buf_len);
	buf = any_octets(buf_len);
	*end = buf + buf_len;

	*m = nondet_msg();
	m->buf = buf;
	some = nondet_u8();
	ASSUME(some < SIP_HDR_MAX && FIELDS(m));

	return buf + at;
}


/* ------------------------------------------------------------------ */
/* Contracts of others */

/** No length and no place */
void sip_msg_fail_contract(struct sip_msg *m, uint16_t status,
			   const char *why)
{
	(void)m;
	(void)status;
	(void)why;
}


enum sip_hdr_id sip_hdr_id(const struct pl *name)
{
	const unsigned id = nondet_u8();

	ASSERT(readable(name->p, name->l));
	ASSUME(id <= SIP_HDR_COUNT);

	return (enum sip_hdr_id)id;
}


bool sip_hdr_single(enum sip_hdr_id id)
{
	ASSERT(id < SIP_HDR_COUNT);

	return nondet_bool();
}


enum sip_method sip_method(const struct pl *met)
{
	const unsigned i = nondet_u8();

	ASSERT(readable(met->p, met->l));
	ASSUME(i <= SIP_METHOD_PUBLISH);

	return (enum sip_method)i;
}


bool sip_msg_has(const struct sip_msg *m, enum sip_hdr_id id)
{
	(void)m;
	(void)id;

	return nondet_bool();
}


uint32_t sip_msg_check(struct sip_msg *m)
{
	ASSERT(m->hdrc <= SIP_HDR_MAX);

	return nondet_u32();
}


/* ------------------------------------------------------------------ */
/* Lines */

/** The end of the text, or its place has a CRLF */
#define EOL(q) ASSERT(is_place(q, p, end) && ((q) == end || end - (q) >= 2))


char *line_end_contract(struct sip_msg *m, char *p, char *end, bool fold)
{
	char *q = (char *)any_place(p, end);

	(void)m;
	(void)fold;
	ASSUME(q == end || end - q >= 2);

	return q;
}


void prove_line_end(void)
{
	struct sip_msg m;
	const char *end;
	char *p = any_text(&end), *q;

	q = line_end(&m, p, (char *)end, nondet_bool());
	EOL(q);
}


void add_field_contract(struct sip_msg *m, const struct pl *name,
			const char *val, const char *end)
{
	ASSERT(m->hdrc <= SIP_HDR_MAX && within(val, end));
	ASSERT(within(name->p, val) && name->l > 0 && name->l <= 255 &&
	       name->l <= (size_t)(val - name->p));
	m->hdrc = nondet_u16();
	ASSUME(m->hdrc <= SIP_HDR_MAX);
}


void prove_add_field(void)
{
	struct sip_msg m;
	const char *end, *p = message(&m, &end), *q;
	struct pl name;

	q = any_place(p, end);
	any_part(&name, buf, p);
	ASSUME(name.l > 0 && name.l <= 255);
	add_field(&m, &name, p, q);
	ASSERT(m.buf == buf && FIELDS(&m));
}


char *header_line_contract(struct sip_msg *m, char *p, char *end)
{
	ASSERT(m->hdrc <= SIP_HDR_MAX);
	m->hdrc = nondet_u16();
	ASSUME(m->hdrc <= SIP_HDR_MAX);

	return line_end_contract(m, p, end, true);
}


void prove_header_line(void)
{
	struct sip_msg m;
	const char *end;
	char *p = any_text(&end), *q;

	ASSUME(m.hdrc <= SIP_HDR_MAX);
	q = header_line(&m, p, (char *)end);
	EOL(q);
	ASSERT(m.hdrc <= SIP_HDR_MAX);
}


char *header_lines_contract(struct sip_msg *m, char *p, char *end)
{
	ASSERT(m->hdrc <= SIP_HDR_MAX);
	ASSERT(end - m->buf <= SIP_MSG_LEN_MAX);

	return (char *)any_place(p, end);
}


void prove_header_lines(void)
{
	struct sip_msg m;
	const char *end;
	char *p = any_text(&end), *q;

	ASSUME(m.hdrc <= SIP_HDR_MAX);
	q = header_lines(&m, p, (char *)end);
	ASSERT(is_place(q, p, end));
	ASSERT(m.hdrc <= SIP_HDR_MAX);
}


/* ------------------------------------------------------------------ */
/* Start line */

bool is_version_contract(const char *p, const char *end)
{
	ASSERT(within(p, end));

	return nondet_bool() && end - p >= 7;
}


void prove_is_version(void)
{
	const char *end, *p = any_text(&end);

	if (is_version(p, end))
		ASSERT(end - p >= 7);
}


void status_line_contract(struct sip_msg *m, const char *p, const char *end)
{
	(void)m;
	ASSERT(within(p, end));
}


void prove_status_line(void)
{
	struct sip_msg m;
	const char *end, *p = any_text(&end);

	m.phrase.p = NULL;
	m.phrase.l = 0;
	status_line(&m, p, end);
	ASSERT(is_maybe_part(&m.phrase, p, end));
}


void request_line_contract(struct sip_msg *m, const char *p, const char *end)
{
	(void)m;
	ASSERT(within(p, end));
}


void prove_request_line(void)
{
	struct sip_msg m;
	const char *end, *p = any_text(&end);

	request_line(&m, p, end);
}


char *start_line_contract(struct sip_msg *m, char *p, char *end)
{
	(void)m;

	return (char *)any_place(p, end);
}


void prove_start_line(void)
{
	struct sip_msg m;
	const char *end;
	char *p = any_text(&end), *q;

	q = start_line(&m, p, (char *)end);
	ASSERT(is_place(q, p, end));
}


/* ------------------------------------------------------------------ */

void body_contract(struct sip_msg *m, const char *p, const char *end,
		   uint32_t clen, enum sip_framing framing)
{
	(void)clen;
	(void)framing;
	ASSERT(within(p, end));
	any_part(&m->body, p, end);
}


void prove_body(void)
{
	struct sip_msg m;
	const char *end, *p = any_text(&end);

	body(&m, p, end, nondet_u32(), (enum sip_framing)nondet_u8());
	ASSERT(is_part(&m.body, p, end));
}


void prove_sip_msg_parse(void)
{
	struct sip_msg m;
	const char *end;
	char *p = any_text(&end);
	const int err = sip_msg_parse(&m, p, (size_t)(end - p),
				      SIP_FRAMING_DATAGRAM);

	ASSERT(err == 0 || err == EBADMSG);
	ASSERT(err || is_part(&m.body, p, end));
}
