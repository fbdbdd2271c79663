/**
 * @file test/proof/pl.h  Texts of a struct pl, and contracts of libre's
 * functions that compare them
 */
#ifndef PROOF_PL_H
#define PROOF_PL_H

#include "test/proof/sip.h"

/** A text of a struct pl */
static inline bool is_text(const struct pl *pl)
{
	return readable(pl->p, pl->l);
}


static inline struct pl any_pl(const char **end)
{
	struct pl pl;

	pl.p = any_text(end);
	pl.l = (size_t)(*end - pl.p);

	return pl;
}


/* ------------------------------------------------------------------ */
/* libre */

/** Texts of different lengths are not read */
int pl_cmp(const struct pl *a, const struct pl *b)
{
	if (a->l != b->l)
		return EINVAL;
	ASSERT(is_text(a) && is_text(b));

	return nondet_bool() ? EINVAL : 0;
}


int pl_casecmp(const struct pl *a, const struct pl *b)
{
	return pl_cmp(a, b);
}


int pl_strcmp(const struct pl *pl, const char *str)
{
	(void)str;
	ASSERT(is_text(pl));

	return nondet_bool() ? EINVAL : 0;
}


int pl_strcasecmp(const struct pl *pl, const char *str)
{
	return pl_strcmp(pl, str);
}

#endif
