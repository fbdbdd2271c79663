/**
 * @file test/proof/sip.h  Contracts of the scanners of ue/sip/scan.h
 *
 * Each is asked for a text from p to end that may be read, and promises a
 * place in it (NULL where the text does not fit) and texts that lie in it.
 * A proof that includes a file of these scanners defines PROVED_<file>, and
 * proves there what is promised here.
 */
#ifndef PROOF_SIP_H
#define PROOF_SIP_H

#include "test/proof/proof.h"
#include "ue/sip/scan.h"

/** Invariant of a loop over a text: p goes on from where it was to end */
#define FORWARD(p, end) (__CPROVER_same_object(p, end) && \
			 PLACE(__CPROVER_loop_entry(p)) <= PLACE(p) && \
			 PLACE(p) <= PLACE(end))

/** A loop that does nothing but go on, and ends */
#define STEPS(p, end) CHANGES(p) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))


/** n octets of any contents; *end is behind them */
static inline char *any_text(const char **end)
{
	const size_t n = nondet_size();
	char *p;

	ASSUME(n <= TEXT_MAX);
	p = any_octets(n);
	*end = p + n;

	return p;
}


/** NULL or a place from p to end */
static inline const char *maybe_place(const char *p, const char *end)
{
	const char *q = any_place(p, end);

	return nondet_bool() ? q : NULL;
}


/** NULL or a place behind p */
static inline const char *maybe_behind(const char *p, const char *end)
{
	const char *q = maybe_place(p, end);

	return q == p ? NULL : q;
}


static inline bool is_place(const char *q, const char *p, const char *end)
{
	return __CPROVER_same_object(q, end) && PLACE(p) <= PLACE(q) &&
		PLACE(q) <= PLACE(end);
}


/** A text in a text */
static inline void any_part(struct pl *pl, const char *p, const char *end)
{
	pl->p = any_place(p, end);
	pl->l = nondet_size();
	ASSUME(pl->l <= PLACE(end) - PLACE(pl->p));
}


static inline void maybe_part(struct pl *pl, const char *p, const char *end)
{
	if (nondet_bool()) {
		any_part(pl, p, end);
	}
	else {
		pl->p = NULL;
		pl->l = 0;
	}
}


static inline bool is_part(const struct pl *pl, const char *p,
			   const char *end)
{
	return is_place(pl->p, p, end) &&
		pl->l <= PLACE(end) - PLACE(pl->p);
}


/** A part, or not there */
static inline bool is_maybe_part(const struct pl *pl, const char *p,
				 const char *end)
{
	return pl->p ? is_part(pl, p, end) : pl->l == 0;
}


/* ------------------------------------------------------------------ */
/* scan.c */

const char *sip_skip_contract(const char *p, const char *end, unsigned mask)
{
	const char *q = any_place(p, end);

#ifdef SKIP_ANY
	/* less is promised than is so: each look into the text costs time */
	(void)mask;
#else
	/* letters and digits are in all classes */
	ASSUME(q > p || p == end || !mask ||
	       !(sip_is_digit(*p) || sip_is_alpha(*p)));
#endif

	return q;
}


const char *sip_skip_sws_contract(const char *p, const char *end)
{
	return any_place(p, end);
}


#ifndef PROVED_SCAN
const uint8_t sip_cclass[256];


const char *sip_skip(const char *p, const char *end, unsigned mask)
{
	return sip_skip_contract(p, end, mask);
}


const char *sip_skip_text(const char *p, const char *end)
{
	return any_place(p, end);
}


const char *sip_skip_esc(const char *p, const char *end, unsigned mask)
{
	(void)mask;

	return maybe_place(p, end);
}


const char *sip_skip_sws(const char *p, const char *end)
{
	return any_place(p, end);
}


const char *sip_skip_digits(const char *p, const char *end)
{
	return any_place(p, end);
}


const char *sip_token(const char *p, const char *end)
{
	return maybe_behind(p, end);
}


const char *sip_separator(const char *p, const char *end, char c)
{
	(void)c;

	return maybe_behind(p, end);
}


/** At least the two quotes, the first at p */
const char *sip_quoted(const char *p, const char *end)
{
	const char *q = maybe_behind(p, end);

	ASSERT(p < end);

	return q == p + 1 ? NULL : q;
}


const char *sip_number(uint32_t *v, const char *p, const char *end)
{
	const char *q = maybe_behind(p, end);

	if (q)
		*v = nondet_u32();

	return q;
}
#endif

/* ------------------------------------------------------------------ */
/* host.c */

const char *sip_ipv6_contract(const char *p, const char *end)
{
	return maybe_behind(p, end);
}


/** Also where it fails, type is of any value */
const char *sip_host_contract(struct pl *host, uint8_t *type, const char *p,
			      const char *end)
{
	const char *q = maybe_behind(p, end);

	*type = nondet_u8();
	if (q)
		any_part(host, p, q);

	return q;
}


/** Also where it fails, host is there or as it was */
const char *sip_hostport_contract(struct pl *host, uint8_t *type,
				  uint16_t *port, const char *p,
				  const char *end)
{
	const char *q = maybe_behind(p, end);

	*type = nondet_u8();
	*port = nondet_u16();
	if (q || nondet_bool())
		any_part(host, p, q ? q : end);

	return q;
}

#ifndef PROVED_HOST
const char *sip_ipv6(const char *p, const char *end)
{
	return sip_ipv6_contract(p, end);
}


const char *sip_host(struct pl *host, uint8_t *type, const char *p,
		     const char *end)
{
	return sip_host_contract(host, type, p, end);
}


const char *sip_hostport(struct pl *host, uint8_t *type, uint16_t *port,
			 const char *p, const char *end)
{
	return sip_hostport_contract(host, type, port, p, end);
}
#endif

/* ------------------------------------------------------------------ */
/* params.c */

/** Of the lengths that the texts before it were compared with */
bool sip_same_contract(const char *a, const char *b, size_t len)
{
	ASSERT(readable(a, len) && readable(b, len));

	return nondet_bool();
}


bool sip_is_word_contract(const struct pl *pl, const char *str)
{
	(void)str;
	ASSERT(!pl->p || readable(pl->p, pl->l));

	return pl->p && nondet_bool();
}


static inline bool is_param(const struct sip_param *prm, const char *p,
			    const char *end)
{
	return is_part(&prm->name, p, end) && prm->name.l &&
		is_maybe_part(&prm->val, p, end);
}


const char *sip_gen_value_contract(struct sip_param *prm, const char *p,
				   const char *end)
{
	const char *q = maybe_behind(p, end);

	prm->quoted = nondet_bool();
	if (q)
		any_part(&prm->val, p, q);

	return q;
}


/** Also where it fails, name is there or as it was */
const char *sip_gen_param_contract(struct sip_param *prm, const char *p,
				   const char *end)
{
	const char *q = maybe_behind(p, end);

	if (q || nondet_bool()) {
		prm->name.p = p;
		prm->name.l = nondet_size();
		ASSUME(prm->name.l && prm->name.l <=
		       (size_t)((q ? q : end) - p));
		maybe_part(&prm->val, p, q ? q : end);
		prm->quoted = nondet_bool();
	}

	return q;
}


const char *sip_gen_params_contract(struct pl *params, const char *p,
				    const char *end)
{
	const char *q = maybe_place(p, end);

	if (q)
		any_part(params, p, q);

	return q;
}


bool sip_list_more_contract(const char **p, const char *end)
{
	if (!*p)
		return false;
	if (nondet_bool()) {
		(void)any_place(*p, end);
		return false;
	}
	*p = maybe_behind(*p, end);

	return *p != NULL;
}


const char *sip_list_value_contract(struct pl *val, const char *p,
				    const char *end)
{
	const char *q = any_place(p, end);

	any_part(val, p, q);

	return q;
}


/** rest is a text or not there, and advances */
int sip_param_next_contract(struct sip_param *prm, struct pl *rest)
{
	const char *end = sip_end(rest), *q;

	ASSERT(!rest->p || within(rest->p, end));
	if (!rest->p || nondet_bool())
		return nondet_bool() ? ENOENT : EBADMSG;

	q = any_place(rest->p, end);
	ASSUME(q > rest->p);
	any_part(&prm->name, rest->p, q);
	maybe_part(&prm->val, rest->p, q);
	prm->quoted = nondet_bool();
	sip_set(rest, q, end);

	return 0;
}


int sip_param_get_contract(struct pl *val, const struct pl *params,
			   const char *name)
{
	(void)name;
	ASSERT(!params->p || within(params->p, sip_end(params)));
	if (!params->p || nondet_bool())
		return nondet_bool() ? ENOENT : EBADMSG;
	if (val)
		maybe_part(val, params->p, sip_end(params));

	return 0;
}

#ifndef PROVED_PARAMS
bool sip_same(const char *a, const char *b, size_t len)
{
	return sip_same_contract(a, b, len);
}


bool sip_is_word(const struct pl *pl, const char *str)
{
	return sip_is_word_contract(pl, str);
}


const char *sip_gen_param(struct sip_param *prm, const char *p,
			  const char *end)
{
	return sip_gen_param_contract(prm, p, end);
}


const char *sip_gen_params(struct pl *params, const char *p, const char *end)
{
	return sip_gen_params_contract(params, p, end);
}


bool sip_list_more(const char **p, const char *end)
{
	return sip_list_more_contract(p, end);
}


const char *sip_list_value(struct pl *val, const char *p, const char *end)
{
	return sip_list_value_contract(val, p, end);
}


int sip_param_next(struct sip_param *prm, struct pl *rest)
{
	return sip_param_next_contract(prm, rest);
}


int sip_param_get(struct pl *val, const struct pl *params, const char *name)
{
	return sip_param_get_contract(val, params, name);
}
#endif

/* ------------------------------------------------------------------ */
/* uri.c, addr.c, via.c */

struct sip_uri nondet_uri(void);
struct sip_addr nondet_addr(void);
struct sip_via nondet_via(void);


/** Where it fails, the URI is of any contents */
const char *sip_uri_scan_contract(struct sip_uri *uri, const char *p,
				  const char *end, bool brackets)
{
	const char *q = maybe_behind(p, end);

	(void)brackets;
	*uri = nondet_uri();
	if (q)
		sip_set(&uri->text, p, q);

	return q;
}


/** The URI may begin where the address does */
const char *sip_addr_scan_contract(struct sip_addr *addr, const char *p,
				   const char *end)
{
	const char *q = maybe_behind(p, end);

	*addr = nondet_addr();
	if (q) {
		maybe_part(&addr->dname, p, end);
		any_part(&addr->uri.text, p, end);
		any_part(&addr->params, p, end);
	}

	return q;
}


static inline bool is_addr(const struct sip_addr *addr, const char *p,
			   const char *end)
{
	return is_maybe_part(&addr->dname, p, end) &&
		is_part(&addr->uri.text, p, end) &&
		is_part(&addr->params, p, end);
}

/** Where it fails, the Via is of any contents */
const char *sip_via_scan_contract(struct sip_via *via, const char *p,
				  const char *end)
{
	const char *q = maybe_behind(p, end);

	*via = nondet_via();
	if (q)
		via->text.p = p;

	return q;
}


#ifndef PROVED_URI
const char *sip_uri_scan(struct sip_uri *uri, const char *p, const char *end,
			 bool brackets)
{
	return sip_uri_scan_contract(uri, p, end, brackets);
}
#endif

#ifndef PROVED_ADDR
const char *sip_addr_scan(struct sip_addr *addr, const char *p,
			  const char *end)
{
	return sip_addr_scan_contract(addr, p, end);
}
#endif

#ifndef PROVED_VIA
const char *sip_via_scan(struct sip_via *via, const char *p, const char *end)
{
	return sip_via_scan_contract(via, p, end);
}
#endif

#endif
