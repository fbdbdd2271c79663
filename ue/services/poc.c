/**
 * @file poc.c  PoC sessions of a pre-established session (OMA PoC, release
 * scenarios 9.X.1 to 9.X.3): what is asked for by REFER, while the
 * pre-established session stays
 *
 * The pre-established session is a conference of ue_poc_establish(): its
 * subscription tells the participants of the PoC session (9.X.3), its REFERs
 * have notifications of their own, which are none of these (9.X.1, 9.X.2).
 */
#include <errno.h>
#include "ue/ims/text.h"
#include "ue/services/conference_core.h"


int ue_poc_establish(struct ue *ue, struct ue_conf **confp, const char *uri,
		     const struct ue_conf_params *prm)
{
	const int err = ue_conf_join(ue, confp, uri, prm);

	/* the server need not be a focus itself */
	if (!err)
		(*confp)->poc = true;

	return err;
}


/* 9.X.3: the participant notifications name the PoC session, or while there
   is none the pre-established session, which is not to be left (RFC 4579 5.12:
   for all) */
static const char *poc_session(const struct ue_conf *conf, const char *uri)
{
	struct sip_uri entity;
	struct pl pl;

	if (uri)
		return uri;
	if (!conf->roster.entity)
		return NULL;

	uri = roster_text(&conf->roster, conf->roster.entity);
	pl = ims_pl(uri);

	return sip_uri_decode(&entity, &pl) ||
		ims_same_uri(&entity, conf->uri) ? NULL : uri;
}


int ue_poc_leave(struct ue_conf *conf, const char *uri)
{
	struct refer_params prm = {.method = "BYE"};

	if (!conf_is_joined(conf) || !conf->poc)
		return EPROTO;

	prm.refer_to = poc_session(conf, uri);

	/* 9.X.1 step 1: to the conference URI of the pre-established session,
	   about that of the PoC session */
	prm.dlg = &conf->s->dlg;

	return conf_request(conf, UE_CONF_POC_LEAVE, prm.refer_to, &prm);
}


int ue_poc_end(struct ue_conf *conf, const char *uri,
	       const char *const *uriv, unsigned uric)
{
	struct refer_params prm = {.method = "BYE"};

	if (!conf_is_joined(conf) || !conf->poc)
		return EPROTO;

	/* 9.X.2 step 1: to the conference URI of the PoC session, about its
	   participants: one, a list, or the group */
	prm.target = poc_session(conf, uri);
	if (!uriv || !uric)
		return EINVAL;

	if (uric == 1) {
		prm.refer_to = uriv[0];
	}
	else {
		prm.uriv = uriv;
		prm.uric = uric;
	}

	return conf_request(conf, UE_CONF_POC_END, prm.target, &prm);
}
