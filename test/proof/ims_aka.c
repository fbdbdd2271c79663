/*
 * Proof: authentication of REGISTER (ue/ims/aka.c)
 *
 * For any number of challenges of any contents: only one that was decoded is
 * looked at and taken, and without a password only one of AKA.  An answer with
 * auts has its 14 octets, any other one has none, and leaves no H(A1) of the
 * empty password.  Loops are proved by induction and calls by contracts, so
 * there is no bound.  Not here: the texts that are written, which unit tests
 * are for.
 *
 * prove: allowed
 * bug: allowed: ue/ims/aka.c s/alg != SIP_DIGEST_NONE &&//
 * bug: allowed: ue/ims/aka.c s/user->password ||/user->password \&\&/
 * prove: ims_aka_challenge
 * bug: ims_aka_challenge: ue/ims/aka.c s/^		if (!err)$/		if (1)/
 * bug: ims_aka_challenge: ue/ims/aka.c s/allowed(dg, user) ?/1 ?/
 * prove: ims_aka_write
 * bug: ims_aka_write: ue/ims/aka.c s/req.auts = auts;/req.auts = auts + 1;/
 * bug: ims_aka_write: ue/ims/aka.c s/	memset(&req, 0, sizeof(req));//
 * bug: ims_aka_write: ue/ims/aka.c s/auth->ready = false;//
 * assumed: write_first writes text into a writer, decides nothing
 * assumed: write_mac_failure writes text into a writer, decides nothing
 */
#include "test/proof/sip.h"

#define LOOP_ims_aka_challenge_1 \
	CHANGES(it, val, found, *dg, decoded, may, taken) \
	INVARIANT(found != 0 && !taken)

/** Is there a challenge in dg, may it be taken, and was it? */
static bool decoded, may, taken;

/** The algorithm of a challenge */
static bool known, aka;

#include "ue/ims/aka.c"


/* ------------------------------------------------------------------ */
/* Contracts of others */

struct sip_digest nondet_digest(void);


void sip_iter_init(struct sip_iter *it, const struct sip_msg *m,
		   enum sip_hdr_id id)
{
	(void)it;
	(void)m;
	ASSERT(id < SIP_HDR_COUNT);
}


int sip_iter_field(struct pl *val, struct sip_iter *it)
{
	const char *end;

	(void)it;
	decoded = may = false;
	if (nondet_bool())
		return ENOENT;
	val->p = any_text(&end);
	val->l = (size_t)(end - val->p);

	return 0;
}


int sip_digest_decode(struct sip_digest *dg, const struct pl *val)
{
	ASSERT(readable(val->p, val->l));
	if (nondet_bool())
		return nondet_bool() ? ENOTSUP : EBADMSG;
	*dg = nondet_digest();
	decoded = true;

	return 0;
}


enum sip_digest_alg sip_digest_alg(const struct pl *name)
{
	(void)name;

	return !known ? SIP_DIGEST_NONE : aka ? SIP_DIGEST_AKAV1_MD5 :
		SIP_DIGEST_MD5;
}


bool sip_digest_is_aka(enum sip_digest_alg alg)
{
	return alg == SIP_DIGEST_AKAV1_MD5;
}


int sip_auth_challenge(struct sip_auth *auth, const struct sip_digest *ch)
{
	(void)auth;
	(void)ch;
	ASSERT(decoded && may);
	taken = nondet_bool();

	return taken ? 0 : EOVERFLOW;
}


int sip_auth_password(struct sip_auth *auth, const struct pl *username,
		      const void *pw, size_t pw_len)
{
	(void)auth;
	(void)username;
	ASSERT(readable(pw, pw_len));

	return nondet_bool() ? EIO : 0;
}


void mbedtls_platform_zeroize(void *buf, size_t len)
{
	memset(buf, 0, len);
}


const char *sip_digest_alg_name(enum sip_digest_alg alg)
{
	(void)alg;

	return "";
}


void pl_set_str(struct pl *pl, const char *str)
{
	pl->p = str;
	pl->l = 0;
}


/** What is to be written */
static enum ims_aka_form form;


int sip_auth_write(struct sip_writer *w, enum sip_hdr_id id,
		   struct sip_auth *auth, struct sip *sip,
		   const struct sip_auth_request *req)
{
	(void)w;
	(void)id;
	(void)auth;
	(void)sip;
	ASSERT(form == IMS_AKA_SYNC_FAILURE ? readable(req->auts, 14)
	       : !req->auts);
	ASSERT(!req->body && !req->body_len);

	return nondet_bool() ? EIO : 0;
}


/* ------------------------------------------------------------------ */


bool allowed_contract(const struct sip_digest *dg,
		      const struct ims_aka_user *user)
{
	(void)dg;
	(void)user;
	ASSERT(decoded);
	may = nondet_bool();

	return may;
}


void prove_allowed(void)
{
	struct ims_aka_user user = {.password = nondet_bool() ? "" : NULL};
	struct sip_digest dg = nondet_digest();

	known = nondet_bool();
	aka = nondet_bool();
	ASSERT(allowed(&dg, &user) == (known && (aka || user.password)));
}


void prove_ims_aka_challenge(void)
{
	struct sip_auth auth;
	struct sip_digest dg;
	struct sip_msg msg = {.code = nondet_u16()};

	taken = false;
	ASSERT(!ims_aka_challenge(&auth, &dg, NULL, &msg) == taken);
}


int write_first_contract(struct sip_writer *w,
			 const struct ims_aka_user *user)
{
	(void)w;
	(void)user;

	return nondet_int();
}


int write_mac_failure_contract(struct sip_writer *w,
			       const struct sip_auth *auth,
			       const struct ims_aka_user *user)
{
	(void)w;
	(void)auth;
	(void)user;

	return nondet_int();
}


void prove_ims_aka_write(void)
{
	struct ims_aka_user user = {.password = NULL};
	struct sip_auth auth;
	int err;

	form = nondet_u8();
	err = ims_aka_write(NULL, form, &auth, &user, NULL, any_octets(14));
	ASSERT(err || form != IMS_AKA_SYNC_FAILURE ||
	       (!auth.ready && !auth.ha1[0] &&
		!auth.ha1[SIP_DIGEST_HEX_MAX - 1]));
}
