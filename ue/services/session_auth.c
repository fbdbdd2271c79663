/**
 * @file session_auth.c  A challenge to the first INVITE (TS 24.229 5.1.2A.1.1,
 * RFC 3261 22)
 *
 * Only a password answers it: the keys of AKA are those of the registration,
 * whose associations authenticate what is sent over them.
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/reg_core.h"
#include "ue/services/session_core.h"


/* The credentials for a challenge, in the working memory */
static int prepare(const struct session *s, const struct sip_msg *msg)
{
	struct ue *ue = s->all->ue;
	struct sip_auth *auth = &ue->work.auth;
	struct ims_aka_user user;
	int err;

	reg_user(&user, &ue->reg);
	if (!user.password)
		return EACCES;

	/* RFC 3261 s22.1: the password is that of the realm which has asked
	   for it at registration, not of whom is called */
	user.realm = ue->reg.auth.realm[0] ? ue->reg.auth.realm
		: ue->reg.id.home;

	memset(auth, 0, sizeof(*auth));
	err = ims_aka_challenge(auth, &ue->reg.scratch.dg, &user, msg);
	if (err)
		return err;

	/* RFC 3261 s22.2: the same password is no use twice, but with another
	   nonce.  s22.4: a server asks for a qop; without one a hash of chosen
	   text would leave.  auth-int: the body is written after the header */
	if (sip_digest_is_aka((enum sip_digest_alg)auth->alg) ||
	    auth->qop != SIP_QOP_AUTH ||
	    (s->challenges && !auth->stale))
		return EACCES;

	return sip_auth_password(auth, &user.impi, user.password,
				 strlen(user.password));
}


bool session_auth_answer(struct session *s, const struct sip_msg *msg)
{
	int err;

	if ((msg->code != 401 && msg->code != 407) ||
	    s->challenges == SESSION_TRIES_MAX)
		return false;

	err = prepare(s, msg);
	if (!err) {
		++s->challenges;
		s->auth_id = msg->code == 407 ? SIP_HDR_PROXY_AUTHORIZATION
			: SIP_HDR_AUTHORIZATION;
		session_drop_offer(s);
		err = session_send_invite(s, SESSION_WRITE_AGAIN);
		s->auth_id = 0;
	}
	sip_auth_close(&s->all->ue->work.auth);

	return !err;
}


void session_auth_write(struct session *s, struct sip_writer *w)
{
	struct ue *ue = s->all->ue;
	const size_t pos = w->pos;
	struct sip_auth_request req;

	/* RFC 3261 s13.2.2.4: the ACK has those of its own INVITE */
	sip_store_free(&ue->sip.store, &s->credentials);
	if (!s->auth_id)
		return;

	memset(&req, 0, sizeof(req));
	req.username = ims_pl(ue->reg.id.impi);
	req.method = ims_pl("INVITE");
	req.uri = ims_pl(session_target(s));
	w->err = sip_auth_write(w, (enum sip_hdr_id)s->auth_id,
				&ue->work.auth, &ue->sip, &req);

	if (!w->err)
		(void)sip_store_put(&s->credentials, &ue->sip.store,
				    w->buf + pos, w->pos - pos);
}


void session_auth_again(struct session *s, struct sip_writer *w)
{
	if (w->err || w->size - w->pos < s->credentials.len)
		return;

	w->pos += sip_store_get(w->buf + w->pos, w->size - w->pos,
				&session_sip(s)->store, &s->credentials);
}
