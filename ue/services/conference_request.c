/**
 * @file conference_request.c  What others are asked to do by REFER: invite,
 * remove, end, move a call (TS 24.147 5.3.1.5, 5.3.1.6.3; RFC 4579 5.5 to
 * 5.12; RFC 5368)
 */
#include <errno.h>
#include <string.h>
#include "ue/services/call.h"
#include "ue/services/conference_core.h"

/* ------------------------------------------------------------------ */
/* Requests and their outcome */


static void release(struct conf_request *rq)
{
	sip_store_free(&rq->conf->ue->sip.store, &rq->uri);
	memset(rq, 0, sizeof(*rq));
}


static void refer_handler(struct refer *rf, enum refer_event event, int err,
			  uint16_t status, void *arg)
{
	struct conf_request *rq = arg;
	struct ue_conf *conf = rq->conf;
	struct ue_event *ev;
	size_t n;

	(void)rf;

	if (event != REFER_DONE)
		return;

	ev = conf_event(conf, UE_EVENT_CONF_REQUEST_DONE);
	ev->request = (enum ue_conf_request)rq->kind;
	ev->err = err;
	ev->status = status;
	n = sip_store_get(ev->text, sizeof(ev->text) - 1,
			  &conf->ue->sip.store, &rq->uri);
	ev->text[n] = '\0';

	release(rq);
	--conf->requests;
	if (conf->state == UE_CONF_LEAVING && !conf->requests) {
		conf->grace = false;
		conf_work(conf, 0);
	}
}


int conf_request(struct ue_conf *conf, enum ue_conf_request kind,
		 const char *uri, struct refer_params *prm)
{
	struct confs *cs = &conf->ue->confs;
	struct conf_request *rq = NULL;
	unsigned i;
	int err;

	if (!uri || !*uri)
		return EINVAL;

	for (i = 0; i < UE_REFERS_MAX && !rq; i++) {
		if (!cs->requestv[i].conf)
			rq = &cs->requestv[i];
	}
	if (!rq)
		return ENOMEM;

	rq->conf = conf;
	rq->kind = (uint8_t)kind;
	err = sip_store_put(&rq->uri, &conf->ue->sip.store, uri, strlen(uri));
	if (!err) {
		/* draft-ranjit-sipping-conference-01 6.1: the conference's
		   NOTIFY tells the rest */
		prm->accepted_is_all = conf->initiate;
		prm->privacy = conf_privacy(conf);
		err = refer_send(&rq->rf, &conf->ue->refers, prm,
				 refer_handler, rq);
	}
	if (err)
		release(rq);
	else
		++conf->requests;

	return err;
}


void conf_abort_requests(struct ue_conf *conf)
{
	struct confs *cs = &conf->ue->confs;
	unsigned i;

	for (i = 0; i < UE_REFERS_MAX; i++) {
		if (cs->requestv[i].conf == conf)
			refer_abort(cs->requestv[i].rf);
	}
}


/* ------------------------------------------------------------------ */
/* Commands */


int ue_conf_invite(struct ue_conf *conf, const char *uri,
		   enum ue_conf_how how)
{
	struct refer_params prm = {.refer_to = uri};

	if (!conf_is_joined(conf))
		return EPROTO;

	/* TS 24.147 5.3.1.5.2: to the user, about the conference */
	if (how == UE_CONF_BY_USER) {
		prm.target = uri;
		prm.refer_to = conf->uri;
	}
	else {
		prm.dlg = &conf->s->dlg;
		if (conf->initiate)
			prm.action = "add";
	}

	return conf_request(conf, UE_CONF_INVITE, uri, &prm);
}


int ue_conf_invite_list(struct ue_conf *conf, const char *const *uriv,
			unsigned uric)
{
	struct refer_params prm = {.uriv = uriv, .uric = uric};

	if (!conf_is_joined(conf))
		return EPROTO;
	if (!uriv || !uric)
		return EINVAL;

	prm.dlg = &conf->s->dlg;

	return conf_request(conf, UE_CONF_INVITE, uriv[0], &prm);
}


/* RFC 4579 5.11 */
static int remove_user(struct ue_conf *conf, enum ue_conf_request kind,
		       const char *uri)
{
	struct refer_params prm = {.refer_to = uri};

	if (!conf_is_joined(conf))
		return EPROTO;

	prm.dlg = &conf->s->dlg;
	if (conf->initiate)
		prm.action = "remove";
	else
		prm.method = "BYE";

	return conf_request(conf, kind, uri, &prm);
}


int ue_conf_remove(struct ue_conf *conf, const char *uri)
{
	return remove_user(conf, UE_CONF_REMOVE, uri);
}


int ue_conf_end(struct ue_conf *conf)
{
	return conf ? remove_user(conf, UE_CONF_END, conf->uri) : EPROTO;
}


/* TS 24.147 5.3.1.3.3: the focus calls the other end, whose dialog with us is
   replaced (RFC 4579 5.10) */
int ue_conf_move(struct ue_conf *conf, unsigned session)
{
	struct refer_params prm = {0};
	struct conf_move *work;
	struct session *s;
	int err;

	if (!conf_is_joined(conf))
		return EPROTO;

	s = session_by_id(&conf->ue->sessions, session);
	if (!s || s == conf->s)
		return ENOENT;

	work = &conf->ue->work.move;
	err = session_replaces(work->replaces, sizeof(work->replaces), s);
	if (!err)
		err = call_caller(work->uri, s);
	if (err)
		return err;

	prm.refer_to = work->uri;
	prm.replaces = work->replaces;
	prm.dlg = &conf->s->dlg;

	return conf_request(conf, UE_CONF_MOVE, prm.refer_to, &prm);
}
