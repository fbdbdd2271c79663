/**
 * @file aka.c  Authentication of REGISTER
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ue/ims/aka.h"
#include "ue/ims/text.h"


/* RFC 3261 s26.2: what a stronger algorithm would have refused must not pass
   because a weaker one is offered */
static bool allowed(const struct sip_digest *dg,
		    const struct ims_aka_user *user)
{
	const enum sip_digest_alg alg = sip_digest_alg(&dg->algorithm);

	return alg != SIP_DIGEST_NONE &&
		(user->password || sip_digest_is_aka(alg)) &&
		(!user->realm || !pl_strcmp(&dg->realm, user->realm));
}


int ims_aka_challenge(struct sip_auth *auth, struct sip_digest *dg,
		      const struct ims_aka_user *user,
		      const struct sip_msg *msg)
{
	struct sip_iter it;
	struct pl val;
	int found = ENOENT;

	sip_iter_init(&it, msg, msg->code == 407 ? SIP_HDR_PROXY_AUTHENTICATE
		      : SIP_HDR_WWW_AUTHENTICATE);

	while (!sip_iter_field(&val, &it)) {

		int err;

		err = sip_digest_decode(dg, &val);
		if (!err)
			err = allowed(dg, user) ?
				sip_auth_challenge(auth, dg) : ENOTSUP;
		if (!err)
			return 0;

		/* the first reason is the one to report */
		if (found == ENOENT)
			found = err;
	}

	return found;
}


/* TS 24.229 5.1.1.2.1: directives without values until there are any */
static int write_first(struct sip_writer *w, const struct ims_aka_user *user)
{
	sip_writer_hdr(w, SIP_HDR_AUTHORIZATION, "Digest username=%q, "
		       "realm=\"%r\", nonce=\"\", uri=\"%r\", "
		       "response=\"\"", &user->impi, &user->home,
		       &user->uri);

	return sip_writer_err(w);
}


/* TS 24.229 5.1.1.5.3: challenge echoed, response empty, no auts.  The values
   of the challenge are written as they came, with their escapes */
static int write_mac_failure(struct sip_writer *w,
			     const struct sip_auth *auth,
			     const struct ims_aka_user *user)
{
	sip_writer_name(w, SIP_HDR_AUTHORIZATION);
	sip_writer_fmt(w, "Digest username=%q, realm=\"%s\", nonce=\"%s\", "
		       "uri=\"%r\", response=\"\", algorithm=%s",
		       &user->impi, auth->realm, auth->nonce, &user->uri,
		       sip_digest_alg_name(auth->alg));
	if (auth->has_opaque)
		sip_writer_fmt(w, ", opaque=\"%s\"", auth->opaque);
	sip_writer_eol(w);

	return sip_writer_err(w);
}


int ims_aka_write(struct sip_writer *w, enum ims_aka_form form,
		  struct sip_auth *auth, const struct ims_aka_user *user,
		  struct sip *sip, const uint8_t *auts)
{
	struct sip_auth_request req;
	int err;

	if (form == IMS_AKA_FIRST)
		return write_first(w, user);

	if (form == IMS_AKA_MAC_FAILURE)
		return write_mac_failure(w, auth, user);

	memset(&req, 0, sizeof(req));
	req.username = user->impi;
	pl_set_str(&req.method, "REGISTER");
	req.uri = user->uri;

	/* RFC 3310 s3.4 */
	if (form == IMS_AKA_SYNC_FAILURE) {
		req.auts = auts;
		err = sip_auth_password(auth, &user->impi, NULL, 0);
		if (err)
			return err;
	}

	err = sip_auth_write(w, SIP_HDR_AUTHORIZATION, auth, sip, &req);

	/* the empty password answers nothing else */
	if (form == IMS_AKA_SYNC_FAILURE) {
		mbedtls_platform_zeroize(auth->ha1, sizeof(auth->ha1));
		auth->ready = false;
	}

	return err;
}
