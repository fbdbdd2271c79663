/**
 * @file test/proof/msrp.h  Contracts of what MSRP texts are read with
 *
 * As sip.h: a text that may be read is asked for, and places in it are
 * promised.  msrp_head.c defines PROVED_HEAD, and proves what is promised of
 * msrp/head.c.
 */
#ifndef PROOF_MSRP_H
#define PROOF_MSRP_H

#include "test/proof/pl.h"
#include "msrp/head.h"

/* ------------------------------------------------------------------ */
/* head.c */

unsigned msrp_name_find_contract(const char *names, const struct pl *name,
				 bool exact)
{
	const unsigned i = nondet_u8();

	(void)exact;
	ASSERT(is_text(name));
	ASSUME(i <= (names == msrp_hdr_names ? MSRP_HDR_MAX : 12));

	return i;
}


int msrp_line_contract(struct pl *line, struct pl *rest)
{
	const size_t n = nondet_size();

	ASSERT(is_text(rest));
	if (!rest->l || nondet_bool())
		return EBADMSG;
	line->p = rest->p;
	line->l = nondet_size();
	ASSUME(line->l < n && n <= rest->l);
	rest->p += n;
	rest->l -= n;

	return nondet_bool() ? EPROTO : 0;
}


bool msrp_field_contract(struct pl *name, struct pl *val,
			 const struct pl *line)
{
	const size_t i = nondet_size();

	ASSERT(is_text(line));
	if (line->l < 2 || nondet_bool())
		return false;
	ASSUME(i <= line->l);
	name->p = line->p;
	name->l = nondet_size();
	ASSUME(name->l && name->l <= line->l);
	val->p = line->p + i;
	val->l = nondet_size();
	ASSUME(val->l <= line->l - i);

	return true;
}


bool msrp_is_text_contract(const struct pl *pl, const char *except)
{
	(void)except;
	ASSERT(is_text(pl));

	return nondet_bool();
}


const char *msrp_number_contract(uint32_t *v, const char *p, const char *end)
{
	const char *q = maybe_behind(p, end);

	if (q) {
		*v = nondet_u32();
		ASSUME(*v < MSRP_ANY);
	}

	return q;
}

#ifndef PROVED_HEAD
const char msrp_hdr_names[1];


unsigned msrp_name_find(const char *names, const struct pl *name, bool exact)
{
	return msrp_name_find_contract(names, name, exact);
}


int msrp_line(struct pl *line, struct pl *rest)
{
	return msrp_line_contract(line, rest);
}


bool msrp_field(struct pl *name, struct pl *val, const struct pl *line)
{
	return msrp_field_contract(name, val, line);
}


bool msrp_is_text(const struct pl *pl, const char *except)
{
	return msrp_is_text_contract(pl, except);
}


const char *msrp_number(uint32_t *v, const char *p, const char *end)
{
	return msrp_number_contract(v, p, end);
}
#endif

#endif
