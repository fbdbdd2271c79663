/**
 * @file initiate.c  Conferences by INITIATE (draft-ranjit-sipping-conference-
 * 01): the initiator asks the server, and the server calls everybody, the
 * initiator, too
 *
 * INITIATE begins a subscription; the server's INVITE is answered by itself,
 * because it was asked for.  Participants need nothing of this.
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/text.h"
#include "ue/services/conference_core.h"

#if UE_INITIATE

/** How long the server may take to call the initiator, T1 */
#define CALL_T1 64


/* 4.2, 4.3: one field with all of them.  The grammar wants <> around a URI
   with parameters of the field */
static void header_h(struct sip_writer *w, void *arg)
{
	static const char *const actionv[] = {"add", "hold", "remove"};
	const struct ue_conf *conf = arg;
	unsigned i;

	sip_writer_str(w, "Confer-To: ");
	for (i = 0; i < conf->confer_count; i++) {
		const struct ue_confer *c = &conf->confer[i];

		sip_writer_fmt(w, i ? ", <%s>;action=%s" : "<%s>;action=%s",
			       c->uri, actionv[c->action]);
	}
	sip_writer_eol(w);
}


/* The event name is written as the draft does, and read in either case */
static const struct subscription_package package = {
	.event = "Conference", .type = "application",
	.subtype = "conference-info+xml", .any_case = true,
	.method = "INITIATE", .header_h = header_h, .target_h = conf_target_h,
	.privacy_h = conf_privacy, .document_h = conf_document_h,
	.subscribed_h = conf_subscribed_h, .ended_h = conf_sub_ended_h
};


int ue_conf_initiate(struct ue *ue, struct ue_conf **confp, const char *uri,
		     const struct ue_confer *users, unsigned count)
{
	struct ue_conf *conf;
	unsigned i;
	int err;

	if (!ue_is_open(ue) || !confp || !users || !count ||
	    count > UINT16_MAX)
		return EINVAL;
	err = conf_check(ue, uri);
	for (i = 0; !err && i < count; i++)
		err = (unsigned)users[i].action > UE_CONFER_REMOVE ? EINVAL
			: conf_check(ue, users[i].uri);
	if (err)
		return err;

	conf = conf_new(&ue->confs, UE_CONF_JOINING, uri, NULL);
	if (!conf)
		return ENOMEM;

	conf->initiate = true;
	conf->confer = users;
	conf->confer_count = (uint16_t)count;
	subscription_init(&conf->sub, ue, &package, &conf->sub_dlg, conf);
	*confp = conf;
	/* first: where nothing can be sent, the end follows at once */
	conf_work(conf, CALL_T1 * (uint64_t)ue->sip.cfg.timers.t1_ms);
	subscription_start(&conf->sub, conf->prm.expires_s);

	return 0;
}


static bool same_host(const char *uri, const struct sip_uri *contact)
{
	const struct pl text = ims_pl(uri);
	struct sip_uri own;

	return !sip_uri_decode(&own, &text) && contact->host.l &&
		!pl_casecmp(&own.host, &contact->host);
}


/* F9: the INVITE of the server that was asked.  RFC 3325 9.1: anybody may
   write its Contact, so who the network says that it is has to fit as well;
   with IMS security it says so of everybody who does not hide */
struct ue_conf *conf_initiated(struct confs *cs, const struct sip_msg *msg)
{
	struct sip_addr *addr = &cs->ue->reg.scratch.addr;
	unsigned i;

	for (i = 0; i < UE_CONFS_MAX; i++) {

		struct ue_conf *conf = &cs->v[i];

		if (conf->state != UE_CONF_JOINING || !conf->initiate ||
		    conf->s)
			continue;
		if (sip_msg_addr(addr, msg, SIP_HDR_P_ASSERTED_IDENTITY)
		    ? cs->ue->set->sec != UE_SEC_NONE
		    : !same_host(conf->uri, &addr->uri))
			continue;
		if (!sip_msg_addr(addr, msg, SIP_HDR_CONTACT) &&
		    same_host(conf->uri, &addr->uri) &&
		    !ims_copy(conf->uri, sizeof(conf->uri),
			      &addr->uri.text))
			return conf;
	}

	return NULL;
}


/* 6.3, 6.4 */
int ue_conf_hold_user(struct ue_conf *conf, const char *uri, bool hold)
{
	struct refer_params prm = {
		.refer_to = uri, .action = hold ? "hold" : "resume"
	};

	if (!conf_is_joined(conf) || !conf->initiate)
		return EPROTO;

	prm.dlg = &conf->s->dlg;

	return conf_request(conf, hold ? UE_CONF_HOLD_USER
			    : UE_CONF_RESUME_USER, uri, &prm);
}

#else

int ue_conf_initiate(struct ue *ue, struct ue_conf **confp, const char *uri,
		     const struct ue_confer *users, unsigned count)
{
	(void)ue;
	(void)confp;
	(void)uri;
	(void)users;
	(void)count;

	return ENOTSUP;
}


struct ue_conf *conf_initiated(struct confs *cs, const struct sip_msg *msg)
{
	(void)cs;
	(void)msg;

	return NULL;
}


int ue_conf_hold_user(struct ue_conf *conf, const char *uri, bool hold)
{
	(void)conf;
	(void)uri;
	(void)hold;

	return ENOTSUP;
}

#endif
