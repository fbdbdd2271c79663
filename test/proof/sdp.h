/**
 * @file test/proof/sdp.h  Contracts of what session descriptions are read with
 *
 * As sip.h.  A proof that includes a file of these functions defines
 * PROVED_<file>, and proves there what is promised here.
 */
#ifndef PROOF_SDP_H
#define PROOF_SDP_H

#include "test/proof/pl.h"
#include "ue/sdp/core.h"

/** Invariant of a loop that takes from the beginning of a text up to end */
#define REST(rest, end) (__CPROVER_same_object((rest)->p, end) && \
			 (rest)->l <= __CPROVER_loop_entry((rest)->l) && \
			 PLACE(end) <= TEXT_MAX && \
			 PLACE((rest)->p) + (rest)->l == PLACE(end))

struct ue_addr nondet_ip(void);
char nondet_char(void);


/** The end of all that is read in a proof */
static const char *text_end;


/** A part of a text, or of what is behind it: less than is so, but the solver
 *  need not add up where the text ends */
static inline void part_of(struct pl *pl, const struct pl *text)
{
	ASSERT(is_text(text) && __CPROVER_same_object(text->p, text_end) &&
	       PLACE(text->p) + text->l <= PLACE(text_end));
	any_part(pl, text->p, text_end);
}


/** n octets are taken */
static inline void take(struct pl *rest, size_t n)
{
	ASSUME(n <= rest->l);
	rest->p += n;
	rest->l -= n;
}


/** What is left of a text: its end */
static inline bool is_rest(const struct pl *rest, const struct pl *text)
{
	return __CPROVER_same_object(rest->p, text->p) &&
		rest->l <= text->l &&
		PLACE(rest->p) == PLACE(text->p) + text->l - rest->l;
}


/* ------------------------------------------------------------------ */
/* sdp.c */

/** A bad line may be taken or not */
int sdesc_line_next_contract(struct sdesc_line *line, struct pl *rest)
{
	const size_t n = nondet_size();
	const struct pl text = *rest;

	ASSERT(is_text(rest));
	if (!rest->l)
		return ENOENT;
	take(rest, n);
	if (!n || nondet_bool())
		return EBADMSG;
	line->type = nondet_char();
	ASSUME(line->type);
	part_of(&line->val, &text);

	return 0;
}


int sdesc_word_next_contract(struct pl *word, struct pl *rest)
{
	const size_t n = nondet_size();
	const char *p = rest->p;

	ASSERT(is_text(rest));
	if (!rest->l || nondet_bool())
		return ENOENT;
	take(rest, n);
	ASSUME(n > 0);
	any_part(word, p, rest->p);
	ASSUME(word->l > 0);

	return 0;
}


bool sdesc_u64_contract(uint64_t *v, const struct pl *pl)
{
	ASSERT(is_text(pl));
	*v = nondet_size();

	return pl->l > 0 && nondet_bool();
}


int sdesc_connection_contract(struct ue_addr *addr, const struct pl *val)
{
	ASSERT(is_text(val));
	if (nondet_bool())
		return EBADMSG;
	*addr = nondet_ip();

	return 0;
}


bool sdesc_direction_contract(uint8_t *dir, const struct pl *attr)
{
	ASSERT(is_text(attr));
	if (nondet_bool())
		return false;
	*dir = nondet_u8();
	ASSUME(*dir <= SDESC_SENDRECV);

	return true;
}

#ifndef PROVED_SDP
int sdesc_line_next(struct sdesc_line *line, struct pl *rest)
{
	return sdesc_line_next_contract(line, rest);
}


int sdesc_word_next(struct pl *word, struct pl *rest)
{
	return sdesc_word_next_contract(word, rest);
}


bool sdesc_u64(uint64_t *v, const struct pl *pl)
{
	return sdesc_u64_contract(v, pl);
}


int sdesc_connection(struct ue_addr *addr, const struct pl *val)
{
	return sdesc_connection_contract(addr, val);
}


bool sdesc_direction(uint8_t *dir, const struct pl *attr)
{
	return sdesc_direction_contract(dir, attr);
}
#endif

/* ------------------------------------------------------------------ */
/* sdp_media.c */

int sdesc_media_lines_contract(struct sdesc *sdp, struct pl rest)
{
	ASSERT(is_text(&rest) && sdp->mediac == 0);
	sdp->mediac = nondet_u8();
	ASSUME(sdp->mediac <= SDESC_MEDIA_MAX);

	return nondet_bool() ? EBADMSG : 0;
}


int sdesc_attr_next_contract(struct sdesc_attr *a, struct pl *lines)
{
	const size_t n = nondet_size();
	const struct pl text = *lines;

	ASSERT(is_text(lines));
	take(lines, n);
	if (!n || nondet_bool())
		return ENOENT;
	part_of(&a->name, &text);
	a->val.p = NULL;
	a->val.l = 0;
	if (nondet_bool())
		part_of(&a->val, &text);

	return 0;
}

#ifndef PROVED_SDP_MEDIA
int sdesc_media_lines(struct sdesc *sdp, struct pl rest)
{
	return sdesc_media_lines_contract(sdp, rest);
}


int sdesc_attr_next(struct sdesc_attr *a, struct pl *lines)
{
	return sdesc_attr_next_contract(a, lines);
}
#endif

#endif
