/*
 * Proof: Security-Server (ue/ims/sec_server.c)
 *
 * Fields of any number, length and contents, each in memory of exactly its
 * size: they are kept within UE_SEC_SERVER_MAX octets or not at all, and what
 * was kept is gone through to its end and no further.  What is chosen was
 * offered and could be read; no more than MECHS_MAX mechanisms are looked at.
 * Loops are proved by induction and calls by contracts, so there is no bound.
 * Not here: what is written of Security-Verify, and sec_client.c, which reads
 * settings, nothing of the network.
 *
 * source: ue/ims/text.c
 * prove: is_text
 * bug: is_text: ue/ims/sec_server.c s/i < val->l; i++/i <= val->l; i++/
 * prove: sec_server_keep
 * bug: sec_server_keep: ue/ims/sec_server.c s/val.l >= UE_SEC/val.l > UE_SEC/
 * bug: sec_server_keep: ue/ims/sec_server.c s/if (!pos)/if (0)/
 * prove: sec_write_verify
 * bug: sec_write_verify: ue/ims/sec_server.c s/rest - one.l - 1 : 0/rest - one.l : 0/
 * prove: mech_pair
 * bug: mech_pair: ue/ims/sec_server.c s/!m->alg.p ||/0 ||/
 * bug: mech_pair: ue/ims/sec_server.c s/pair->ealg = IPSEC_EALG_NULL;//
 * prove: sec_server_choose
 * bug: sec_server_choose: ue/ims/sec_server.c s/if (err || m.q/if (m.q/
 * bug: sec_server_choose: ue/ims/sec_server.c s/!(offered & sec_pair_bit(&pair))/0/
 */
#include "test/proof/sip.h"

/*
 * Both loops of sec_server_keep() go over the same fields.  How many octets
 * come from a field on, each with one behind it, is a function of the message.
 */
static size_t *left;
static unsigned fields;
#define KEPT(it, pos) ((it).next <= fields && pos <= left[0] && \
		       pos + left[(it).next] == left[0])
#define LOOP_sec_server_keep_1 CHANGES(it, val, pos) \
	INVARIANT(KEPT(it, pos) && pos <= UE_SEC_SERVER_MAX) \
	__CPROVER_decreases(fields - it.next)
#define LOOP_sec_server_keep_2 CHANGES(it, val, pos, \
				       __CPROVER_object_whole(dst)) \
	INVARIANT(KEPT(it, pos)) __CPROVER_decreases(fields - it.next)
#define LOOP_is_text_1 CHANGES(i) INVARIANT(i <= val->l) \
	__CPROVER_decreases(val->l - i)
#define LOOP_sec_write_verify_1 CHANGES(val) \
	INVARIANT(__CPROVER_same_object(val.p, kept) && \
		  PLACE(val.p) <= kept_len && \
		  val.l == kept_len - PLACE(val.p)) \
	__CPROVER_decreases(val.l)
#define LOOP_sec_server_choose_1 \
	CHANGES(n, m, it, best, err, *choice, could) \
	INVARIANT(n <= MECHS_MAX && best >= -1 && best <= UINT16_MAX && \
		  (best < 0 || PAIR(choice))) \
	__CPROVER_decreases(MECHS_MAX - n)

/** Length of what is kept */
static size_t kept_len;

/** Was a mechanism read? */
static bool could;

/** The only pair that was offered */
static unsigned offered_alg, offered_ealg;
#define PAIR(c) ((c)->alg == offered_alg && (c)->ealg == offered_ealg)

#include "ue/ims/sec_server.c"


/* ------------------------------------------------------------------ */
/* Contracts of others */

struct sip_sec_mech nondet_mech(void);


size_t strlen(const char *str)
{
	(void)str;

	return kept_len;
}


void *memcpy(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && (n == 0 || __CPROVER_w_ok(dst, n)));

	return dst;
}


int pl_strcasecmp(const struct pl *pl, const char *str)
{
	(void)str;
	ASSERT(pl->p && readable(pl->p, pl->l));

	return nondet_int();
}


void sip_writer_hdr(struct sip_writer *w, enum sip_hdr_id id,
		    const char *fmt, ...)
{
	(void)w;
	(void)id;
	(void)fmt;
}


void sip_iter_init(struct sip_iter *it, const struct sip_msg *m,
		   enum sip_hdr_id id)
{
	(void)m;
	(void)id;
	it->next = 0;
}


int sip_iter_field(struct pl *val, struct sip_iter *it)
{
	const unsigned i = it->next;

	if (i >= fields)
		return ENOENT;
	val->l = nondet_u16();
	val->p = any_octets(val->l);
	ASSUME(left[i + 1] <= TEXT_MAX);
	ASSUME(left[i] == left[i + 1] + (val->l ? val->l + 1 : 0));
	++it->next;

	return 0;
}


/** A text of its own, or none */
static struct pl maybe_pl(void)
{
	struct pl pl = {NULL, 0};
	const char *end;

	if (nondet_bool()) {
		pl.p = any_text(&end);
		pl.l = (size_t)(end - pl.p);
	}

	return pl;
}


int sip_iter_sec_mech(struct sip_sec_mech *mech, struct sip_iter *it)
{
	(void)it;
	could = nondet_bool();
	if (!could)
		return nondet_bool() ? ENOENT : EBADMSG;
	*mech = nondet_mech();

	return 0;
}


int ipsec_alg_decode(enum ipsec_alg *algp, const char *name, size_t len)
{
	ASSERT(name && readable(name, len));
	if (nondet_bool())
		return ENOENT;
	*algp = nondet_bool() ? IPSEC_ALG_HMAC_SHA_1_96 : IPSEC_ALG_NULL;

	return 0;
}


int ipsec_ealg_decode(enum ipsec_ealg *ealgp, const char *name, size_t len)
{
	ASSERT(name && readable(name, len));
	if (nondet_bool())
		return ENOENT;
	*ealgp = nondet_bool() ? IPSEC_EALG_AES_CBC : IPSEC_EALG_AES_GCM;

	return 0;
}


uint16_t sec_pair_bit(const struct sec_pair *pair)
{
	return PAIR(pair) ? 1 : 2;
}


/* ------------------------------------------------------------------ */


bool is_text_contract(const struct pl *val)
{
	ASSERT(readable(val->p, val->l));

	return nondet_bool();
}


void prove_is_text(void)
{
	const char *end, *p = any_text(&end);
	const struct pl val = {p, (size_t)(end - p)};

	(void)is_text(&val);
}


void prove_sec_server_keep(void)
{
	char *dst = any_octets(UE_SEC_SERVER_MAX);
	int err;

	fields = nondet_u8();
	left = any_octets((fields + 1) * sizeof(*left));
	ASSUME(left[fields] == 0);
	ASSUME(left[0] <= TEXT_MAX);
	err = sec_server_keep(dst, NULL);
	if (!err)
		ASSERT(left[0] && dst[left[0] - 1] == '\0');
}


void prove_sec_write_verify(void)
{
	const char *end, *p = any_text(&end);

	kept_len = (size_t)(end - p);
	sec_write_verify(NULL, p);
}


bool mech_pair_contract(struct sec_pair *pair, const struct sip_sec_mech *m)
{
	(void)m;
	ASSERT(could);
	pair->alg = nondet_u8() & 3;
	pair->ealg = nondet_u8() & 3;

	return nondet_bool();
}


void prove_mech_pair(void)
{
	struct sip_sec_mech m = nondet_mech();
	struct sec_pair pair;

	m.name = maybe_pl();
	ASSUME(m.name.p);
	m.alg = maybe_pl();
	m.ealg = maybe_pl();
	m.prot = maybe_pl();
	m.mod = maybe_pl();
	if (mech_pair(&pair, &m))
		ASSERT(pair.alg <= IPSEC_ALG_AES_GMAC &&
		       pair.ealg <= IPSEC_EALG_AES_GCM);
}


void prove_sec_server_choose(void)
{
	struct ims_sec_choice choice;
	struct ipsec_offer offer = {nondet_u32(), nondet_u32(), nondet_u16(),
				    nondet_u16()};

	offered_alg = nondet_u8() & 3;
	offered_ealg = nondet_u8() & 3;
	if (!sec_server_choose(&choice, NULL, 1,
			       nondet_bool() ? &offer : NULL))
		ASSERT(PAIR(&choice));
}
