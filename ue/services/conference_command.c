/**
 * @file conference_command.c  Commands of conferences; what they begin goes on
 * in conference.c
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/text.h"
#include "ue/services/call.h"
#include "ue/services/conference_core.h"


static int invite(struct ue_conf *conf)
{
	const int err = session_start(&conf->s, &conf->ue->sessions,
				      conf->uri, &conf_user, 0, conf);

	if (!err)
		call_want(conf->s, conf->prm.audio, conf->prm.privacy);

	return err;
}


int conf_check(const struct ue *ue, const char *uri)
{
	const struct pl pl = ims_pl(uri);
	struct sip_uri decoded;

	if (!uri || sip_uri_decode(&decoded, &pl))
		return EINVAL;
	if (pl.l >= UE_URI_MAX)
		return EOVERFLOW;

	return ue->reg.info.registered ? 0 : EPROTO;
}


int ue_conf_join(struct ue *ue, struct ue_conf **confp, const char *uri,
		 const struct ue_conf_params *prm)
{
	struct ue_conf *conf;
	unsigned i;
	int err;

	if (!ue_is_open(ue) || !confp)
		return EINVAL;
	err = conf_check(ue, uri);
	if (!err && prm)
		err = call_check(ue, prm->audio, prm->privacy);
	for (i = 0; !err && prm && i < prm->uric; i++)
		err = prm->uriv ? conf_check(ue, prm->uriv[i]) : EINVAL;
	if (err)
		return err;

	conf = conf_new(&ue->confs, UE_CONF_JOINING, uri, prm);
	if (!conf)
		return ENOMEM;

	err = invite(conf);
	if (err)
		conf_free(conf);
	else
		*confp = conf;

	return err;
}


int ue_conf_create(struct ue *ue, struct ue_conf **confp,
		   const struct ue_conf_params *prm)
{
	static const char start[] = "sip:mmtel@conf-factory.";
	char uri[UE_URI_MAX];

	if (!ue_is_open(ue))
		return EINVAL;
	if (prm && prm->factory)
		return ue_conf_join(ue, confp, prm->factory, prm);

	/* TS 23.003 13.10 */
	if (!ue->reg.id.home)
		return EPROTO;
	if (strlen(ue->reg.id.home) >= sizeof(uri) - sizeof(start))
		return EOVERFLOW;
	memcpy(uri, start, sizeof(start) - 1);
	memcpy(uri + sizeof(start) - 1, ue->reg.id.home,
	       strlen(ue->reg.id.home) + 1);

	return ue_conf_join(ue, confp, uri, prm);
}


int ue_conf_watch(struct ue *ue, struct ue_conf **confp, const char *uri,
		  uint32_t expires_s)
{
	struct ue_conf *conf;
	int err;

	if (!ue_is_open(ue) || !confp)
		return EINVAL;
	err = conf_check(ue, uri);
	if (err)
		return err;

	conf = conf_new(&ue->confs, UE_CONF_WATCHING, uri, NULL);
	if (!conf)
		return ENOMEM;

	*confp = conf;
	if (expires_s)
		conf->prm.expires_s = expires_s;
	subscription_start(&conf->sub, conf->prm.expires_s);

	return 0;
}


int ue_conf_accept(struct ue_conf *conf, const struct ue_conf_params *prm)
{
	int err;

	if (!conf || conf->state != UE_CONF_INVITED)
		return EPROTO;
	err = prm ? call_check(conf->ue, prm->audio, prm->privacy) : 0;
	if (err)
		return err;

	if (prm) {
		conf->prm = *prm;
		if (conf->s)
			call_want(conf->s, prm->audio, prm->privacy);
		conf->prm.uric = 0;
		if (!conf->prm.expires_s)
			conf->prm.expires_s = CONF_EXPIRES_S;
	}

	err = conf->s ? session_accept(conf->s) : invite(conf);
	if (!err)
		conf->state = UE_CONF_JOINING;

	return err;
}


int ue_conf_leave(struct ue_conf *conf)
{
	int err = 0;

	if (!conf)
		return EINVAL;

	switch (conf->state) {

	case UE_CONF_INVITED:
		if (conf->s)
			err = session_reject(conf->s, 603);
		break;

	case UE_CONF_JOINING:
		conf->failed = true;
		if (!conf->s)
			conf->grace = true;
		/* fall through */
	case UE_CONF_JOINED:
		err = conf->s ? session_end(conf->s) : 0;
		break;

	case UE_CONF_WATCHING:
		conf->grace = true;
		break;

	default:
		return EPROTO;
	}

	if (err)
		return err;

	conf_because(conf, conf->failed ? ECANCELED : 0, 0, "left");
	conf_leaving(conf);

	return 0;
}


int ue_conf_hold(struct ue_conf *conf, bool hold)
{
	return conf_is_joined(conf) ? session_hold(conf->s, hold) : EPROTO;
}


int ue_conf_subscribe(struct ue_conf *conf)
{
	if (!conf_is_joined(conf) || subscription_running(&conf->sub))
		return EPROTO;

	/* another INITIATE would be another conference */
	conf->sub.pkg = &conf_package;
	subscription_start(&conf->sub, conf->prm.expires_s);

	return 0;
}


int ue_conf_unsubscribe(struct ue_conf *conf)
{
	return conf_is_joined(conf) ? subscription_leave(&conf->sub) : EPROTO;
}


bool conf_is_joined(const struct ue_conf *conf)
{
	return conf && conf->state == UE_CONF_JOINED;
}


const char *ue_conf_uri(const struct ue_conf *conf)
{
	return conf->uri;
}


const char *ue_conf_inviter(const struct ue_conf *conf)
{
	return conf->inviter;
}


const struct roster *ue_conf_roster(const struct ue_conf *conf)
{
	return &conf->roster;
}
