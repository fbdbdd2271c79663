/**
 * @file ue.c  The UE: life cycle, polling, events, requests by method
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ue/ue.h"
#include "ue/ims/headers.h"
#include "ue/ims/text.h"
#include "ue/services/call.h"

/** Timers run in one ue_poll(): its work is bounded */
#define POLL_TIMERS_MAX 64

/** RFC 3261 18.1.1 */
#define UDP_MAX 1300

/** Retry-After of a request that finds no room for its events, seconds */
#define BUSY_S 5

/* the first is left out where no application takes messages */
static const char *const methodv[] = {
	"MESSAGE", "ACK", "BYE", "CANCEL", "INVITE", "NOTIFY", "OPTIONS",
	"PRACK", "REFER", "SUBSCRIBE", "UPDATE", NULL
};
static const char *const optionv[] = {
	"100rel", "gruu", "norefersub", "precondition", "replaces", "tdialog",
	"timer", NULL
};
static const char *const acceptv_page[] = {
	"application/reginfo+xml", "application/conference-info+xml",
	"application/sdp", "message/sipfrag", "multipart/alternative",
	"multipart/mixed", "text/plain",
	"message/cpim", NULL
};
static const char *const acceptv[] = {
	"application/reginfo+xml", "application/conference-info+xml",
	"application/sdp", "message/sipfrag", "multipart/alternative",
	"multipart/mixed", NULL
};

static void refusal_h(struct sip_writer *w, enum sip_method method, void *arg)
{
	const struct ue *ue = arg;

	ims_hdr_response(w, &ue->reg, method);
}


static const struct sip_uas_config uas = {
	.methodv = methodv + 1, .optionv = optionv, .acceptv = acceptv,
	.write_h = refusal_h
};
static const struct sip_uas_config uas_page = {
	.methodv = methodv, .optionv = optionv, .acceptv = acceptv_page,
	.write_h = refusal_h
};


static bool takes_pages(const struct ue_settings *set)
{
	return set->messaging && set->messaging->page_h;
}


static const struct sip_timers timers_ims     = {2000, 16000, 17000};
static const struct sip_timers timers_rfc3261 = {500, 4000, 5000};


/* ------------------------------------------------------------------ */
/* Events */


unsigned ue_events_free(const struct ue *ue)
{
	return UE_EVENTS_MAX - ue->event_count;
}


bool ue_events_spare(const struct ue *ue, unsigned n)
{
	return ue_events_free(ue) >= UE_EVENTS_RESERVE + n +
		sip_ctrans_waiting(&ue->sip);
}


/* Whoever has made it has filled it in */
static void keep_event(struct ue *ue)
{
	struct ue_event *ev = &ue->event_new;
	const unsigned last = ue->event_head + ue->event_count - 1;
	struct ue_event_kept *kept = &ue->eventv[last % UE_EVENTS_MAX];

	if (!ev->type)
		return;

	memcpy(kept->head, ev, sizeof(kept->head));
	sip_store_free(&ue->sip.store, &kept->text);
	if (ev->text[0])
		(void)sip_store_put(&kept->text, &ue->sip.store, ev->text,
				    strlen(ev->text));
	memset(ev, 0, sizeof(*ev));
}


struct ue_event *ue_event_new(struct ue *ue, enum ue_event_type type)
{
	keep_event(ue);

	/* cannot be: nothing runs that makes more events than are free.  If
	   it is, the newest one is lost, and counted */
	if (!ue_events_free(ue)) {
		++ue->stats.events_lost;
		--ue->event_count;
	}

	++ue->event_count;
	ue->event_new.type = type;
	ue_wake(ue);

	return &ue->event_new;
}


/* The slot stays taken while the handler runs: it may issue commands */
static void deliver_one(struct ue *ue)
{
	struct ue_event_kept *kept = &ue->eventv[ue->event_head];
	struct ue_event *ev = &ue->event_now;
	size_t n;

	keep_event(ue);
	memcpy(ev, kept->head, sizeof(kept->head));
	n = sip_store_get(ev->text, sizeof(ev->text) - 1, &ue->sip.store,
			  &kept->text);
	ev->text[n] = '\0';
	sip_store_free(&ue->sip.store, &kept->text);

	ue->eventh(ue, ev, ue->arg);
	confs_delivered(&ue->confs, ev);

	ue->event_head = (ue->event_head + 1) % UE_EVENTS_MAX;
	--ue->event_count;
}


static void deliver(struct ue *ue)
{
	while (ue->event_count)
		deliver_one(ue);
}


int ue_poll(struct ue *ue, uint64_t now_ms, uint32_t *wait_ms)
{
	unsigned n;

	if (!ue_is_open(ue))
		return EINVAL;
	if (ue->polling)
		return EPROTO;

	ue->polling = true;
	ue_timers_set_now(&ue->timers, now_ms);

	/* events between timers: each finds an empty ring, and a handler sees
	   the state that its event tells about */
	deliver(ue);
	for (n = 0; n < POLL_TIMERS_MAX && ue_timers_run(&ue->timers, 1); n++)
		deliver(ue);
	messaging_poll(&ue->messaging);
#if UE_FILE_TRANSFER
	files_poll(&ue->files);
#endif
	deliver(ue);

	ue->polling = false;
	/* until the next time is told: commands tell none */
	ue->timers.idle = true;

	if (wait_ms)
		*wait_ms = ue_timers_wait_ms(&ue->timers);

	return 0;
}


/* ------------------------------------------------------------------ */
/* Requests from the network */


/* RFC 3261 s11.2: outside of dialogs the answer that an INVITE would have; in
   one it has no bearing on others */
static void options(struct ue *ue, struct sip_strans *st)
{
	const struct sip_uas_config *able = ue->sip.uas;
	struct sip_writer *w =
		ims_reply_begin(&ue->reg, st, !st->to_tag &&
				sessions_full(&ue->sessions) ? 486 : 200);

	sip_writer_list(w, SIP_HDR_ALLOW, able->methodv);
	sip_writer_list(w, SIP_HDR_ACCEPT, able->acceptv);
	sip_writer_list(w, SIP_HDR_SUPPORTED, able->optionv);
	sip_writer_hdr(w, SIP_HDR_ALLOW_EVENTS, "refer");
	(void)sip_reply_end(st);
}


static void refuse(struct ue *ue, struct sip_strans *st, uint16_t code)
{
	struct sip_writer *w = ims_reply_begin(&ue->reg, st, code);

	if (code == 503)
		sip_writer_hdr(w, SIP_HDR_RETRY_AFTER, "%u",
			       (uint32_t)BUSY_S);
	(void)sip_reply_end(st);
}


void ue_request_other(struct ue *ue, struct sip_strans *st,
		      const struct sip_msg *msg)
{
	if (msg->method == SIP_METHOD_MESSAGE)
		pages_request(&ue->pages, st, msg);
	else if (msg->method == SIP_METHOD_OPTIONS)
		options(ue, st);
	/* RFC 3261 s15.1.2, RFC 6665 s4.1.3: of a dialog that there is not */
	else
		refuse(ue, st, 481);
}


/* TS 24.229 5.1.1.7: what is left of a registration is there for what has
   begun before */
static bool too_late(const struct ue *ue, const struct sip_msg *msg)
{
	return (!ue->reg.info.registered || ue->reg.cmd_deregister) &&
		!msg->to_tag.p &&
		(msg->method == SIP_METHOD_INVITE ||
		 msg->method == SIP_METHOD_OPTIONS ||
		 msg->method == SIP_METHOD_REFER);
}


/* The core has refused other methods than those in the list (405) */
static void request_h(struct sip *sip, struct sip_strans *st,
		      const struct sip_msg *msg, void *arg)
{
	struct ue *ue = arg;

	(void)sip;

	/* an ACK belongs to a session or to nobody */
	if (!st) {
		(void)sessions_request(&ue->sessions, st, msg);
		return;
	}

	/* a stream may bring many at once: what cannot be reported is not
	   accepted.  BYE is: who has sent that has gone (RFC 3261 s15.1.1) */
	if (!ue_events_spare(ue, msg->method == SIP_METHOD_BYE ?
			     0 : UE_EVENTS_RESERVE)) {
		++ue->stats.requests_refused;
		refuse(ue, st, 503);
	}
	else if (msg->method == SIP_METHOD_NOTIFY &&
		 (refer_notify(&ue->refers, st, msg) ||
		  subscription_notify(ue, st, msg))) {
		return;
	}
	else if (too_late(ue, msg)) {
		refuse(ue, st, 480);
	}
	else if (msg->method == SIP_METHOD_SUBSCRIBE) {
		referred_subscribe(&ue->refers, st, msg);
	}
	else if (msg->method == SIP_METHOD_REFER) {
		confs_referred(&ue->confs, st, msg);
	}
	else if (sessions_request(&ue->sessions, st, msg)) {
		return;
	}
	/* RFC 3261 s12.2.2 */
	else if (msg->to_tag.p) {
		refuse(ue, st, 481);
	}
	else {
		ue_request_other(ue, st, msg);
	}
}


/* ------------------------------------------------------------------ */
/* Settings */


/* What is written into header fields as it is */
static const char *check_lines(const struct ue_settings *set)
{
	if (!ims_is_line(set->access_network_info))
		return "settings: access_network_info: control character";
	if (!ims_is_line(set->privacy))
		return "settings: privacy: control character";
	if (!ims_is_line(set->user_agent))
		return "settings: user_agent: control character";
	if (!ims_is_line(set->contact_params) ||
	    (set->contact_params && set->contact_params[0] &&
	     set->contact_params[0] != ';'))
		return "settings: contact_params: `;name=value` expected";

	return NULL;
}


static const char *check_pcscfs(const struct ue_settings *set,
				const struct ue_port *port)
{
	struct ue_addr addr;
	unsigned i;

	if (!set->pcscfv[0])
		return "settings: pcscf: none is given";

	for (i = 0; i < UE_PCSCF_MAX && set->pcscfv[i]; i++) {

		if (strlen(set->pcscfv[i]) >= UE_URI_MAX ||
		    ims_pcscf_decode(&addr, set->pcscfv[i]))
			return "settings: pcscf: host, host:port, "
				"1.2.3.4:port or [v6]:port expected";

		if (!addr.family && !port->resolve)
			return "settings: pcscf: an address expected, no "
				"resolver";
	}

	return set->pcscfv[i] ? "settings: pcscf: too many" : NULL;
}


static const char *check_identities(const struct ue_settings *set)
{
	char instance[IMS_INSTANCE_MAX];

	if (set->impi && !ims_impi_valid(set->impi))
		return "settings: impi: user@realm expected";

	if (set->impu && !ims_impu_valid(set->impu))
		return "settings: impu: a SIP URI expected";

	if (set->home && !ims_home_valid(set->home))
		return "settings: home: a domain name expected";

	if (set->imei && ims_instance_imei(instance, set->imei))
		return "settings: imei: 14 to 16 digits expected";

	return NULL;
}


static bool audio_valid(const struct ue_audio *audio)
{
	unsigned i;

	if (!audio)
		return true;

	if (!audio->port || !audio->codecv || !audio->codecc ||
	    audio->codecc > UE_CODECS_MAX ||
	    audio->port + audio->step * (UE_SESSIONS_MAX - 1) > UINT16_MAX)
		return false;

	for (i = 0; i < audio->codecc; i++) {

		const struct ue_codec *c = &audio->codecv[i];

		if (!c->name || !ims_is_line(c->name) || !c->rate_hz ||
		    c->pt > 127 || !ims_is_line(c->fmtp))
			return false;
	}

	return true;
}


/* Text of the constant line to log, NULL = all is well */
static const char *check_settings(const struct ue_settings *set,
				  const struct ue_port *port)
{
	const uint8_t family = set->local.family;
	const char *why;

	why = check_identities(set);
	if (!why)
		why = check_pcscfs(set, port);
	if (why)
		return why;

	if (family != 0 && family != 4 && family != 6)
		return "settings: local: an IP address expected";

	if ((unsigned)set->transport > UE_TRANSPORT_TCP_ONLY)
		return "settings: transport: udp, tcp or auto expected";

	why = ims_sec_check(set, port);
	if (why)
		return why;

	if ((unsigned)set->timers > UE_TIMERS_RFC3261)
		return "settings: timers: ims or rfc3261 expected";

	why = check_lines(set);
	if (why)
		return why;

	if (!audio_valid(set->audio))
		return "settings: audio: ports and 1 to UE_CODECS_MAX codecs "
			"expected";

	return messaging_check(set->messaging, port);
}


static void log_line(const struct ue_port *port, enum ue_log_level level,
		     const char *line)
{
	if (port->log)
		port->log(port->arg, level, line);
}


/* ------------------------------------------------------------------ */
/* Life cycle */


/* Text of the constant line to log, NULL = all is well */
static const char *init_comp(struct ue *ue, const struct ue_settings *set)
{
#if UE_SIGCOMP
	const struct sip_comp_params prm = {
		.dms = set->sigcomp_dms, .sms = set->sigcomp_sms,
		.cpb = set->sigcomp_cpb
	};

	if (set->sigcomp && sip_comp_init(&ue->comp, &ue->sip, &prm))
		return "settings: dms, sms, cpb: RFC 3320 s3.3.1 expected, "
			"as far as built";

	return NULL;
#else
	(void)ue;

	return set->sigcomp ? "settings: sigcomp: not built" : NULL;
#endif
}


#if UE_IPSEC
static int random_h(uint8_t *buf, size_t len, void *arg)
{
	const struct ue_port *port = ((struct ue *)arg)->sip.port;

	return port->random(port->arg, buf, len);
}
#endif


/* The same */
static const char *init_ipsec(struct ue *ue, const struct ue_settings *set)
{
#if UE_IPSEC
	if (ipsec_init(&ue->ipsec, set->sec_port_min, set->sec_port_max,
		       random_h, ue))
		return "settings: ports: 1024..65535, at least eight, "
			"without 5060 and 5061";
#else
	(void)ue;
	(void)set;
#endif

	return NULL;
}


int ue_init(struct ue *ue, const struct ue_settings *set,
	    const struct ue_port *port, ue_event_h *eventh, void *arg)
{
	struct sip_config cfg;
	const char *why;
	int err;

	if (!ue)
		return EINVAL;

	/* whatever stood there, it is closed if anything is wrong */
	memset(ue, 0, sizeof(*ue));
	if (!set || !port || !eventh || !port->flow_open ||
	    !port->flow_send || !port->flow_close || !port->random)
		return EINVAL;

	why = check_settings(set, port);
	if (why) {
		log_line(port, UE_LOG_ERROR, why);
		return EINVAL;
	}

	why = init_comp(ue, set);
	if (!why)
		why = init_ipsec(ue, set);
	if (why) {
		log_line(port, UE_LOG_ERROR, why);
		return EINVAL;
	}

	cfg.timers = set->timers == UE_TIMERS_RFC3261 ? timers_rfc3261
		: timers_ims;
	cfg.udp_max = UDP_MAX;
	cfg.user_agent = set->user_agent;

	err = sip_init(&ue->sip, &ue->timers, port, &cfg,
		       takes_pages(set) ? &uas_page : &uas, request_h,
		       ue);
	if (err)
		return err;

	ue->set    = set;
	ue->eventh = eventh;
	ue->arg    = arg;
	ue->access_network = set->access_network_info;
	ue->port   = port;
	ims_reg_init(&ue->reg, ue);
	refers_init(&ue->refers, ue);
	sessions_init(&ue->sessions, ue);
	(void)confs_init(&ue->confs, ue);
#if UE_FILE_TRANSFER
	(void)files_init(&ue->files, ue);
#endif
	(void)call_init(ue);
	messaging_init(&ue->messaging, ue);
	pages_init(&ue->pages, ue);

	err = ims_reg_identify(&ue->reg, &why);
	if (err) {
		log_line(port, err == ENOENT ? UE_LOG_WARNING : UE_LOG_ERROR,
			 why);
		if (err == ENOENT)
			return 0;
		ue->port = NULL;
	}

	return err == EOVERFLOW ? EINVAL : err;
}


void ue_close(struct ue *ue)
{
	if (!ue_is_open(ue))
		return;

#if UE_FILE_TRANSFER
	files_close(&ue->files);
#endif
	messaging_close(&ue->messaging);
	confs_close(&ue->confs);
	sessions_close(&ue->sessions);
	refers_close(&ue->refers);
	ims_reg_close(&ue->reg);
	sip_close(&ue->sip);
	mbedtls_platform_zeroize(ue, sizeof(*ue));
}


/* ------------------------------------------------------------------ */
/* Commands */


int ue_register(struct ue *ue)
{
	return ue_is_open(ue) ? ims_reg_register(&ue->reg) : EINVAL;
}


int ue_reregister(struct ue *ue)
{
	return ue_is_open(ue) ? ims_reg_reregister(&ue->reg) : EINVAL;
}


int ue_address_changed(struct ue *ue)
{
	if (!ue_is_open(ue))
		return EINVAL;

	ims_reg_address_changed(&ue->reg);

	return 0;
}


int ue_deregister(struct ue *ue)
{
	if (!ue_is_open(ue))
		return EINVAL;

	/* TS 24.229 5.1.1.6.1: sessions are released before; subscriptions end
	   with the registration */
	if (!ue->reg.cmd_deregister)
		sessions_leave(&ue->sessions);

	return ims_reg_deregister(&ue->reg);
}


int ue_set_access_network(struct ue *ue, const char *info)
{
	if (!ue_is_open(ue) || !ims_is_line(info))
		return EINVAL;

	ue->access_network = info;

	return 0;
}


#if UE_IPSEC
struct ipsec *ue_ipsec(struct ue *ue)
{
	return &ue->ipsec;
}
#endif


const struct ims_reg_info *ue_reg_info(const struct ue *ue)
{
	return &ue->reg.info;
}


uint32_t ue_reg_expires_left(const struct ue *ue)
{
	return (uint32_t)(ue_timer_left_ms(&ue->timers, &ue->reg.expiry) /
			  1000);
}


/* ------------------------------------------------------------------ */
/* What the port hands in */


/* New timers may be due before what ue_poll() last said */
void ue_wake(struct ue *ue)
{
	if (ue->port->wake && !ue->polling)
		ue->port->wake(ue->port->arg);
}


/* The time that it told is over: a command that follows tells none */
static void input_end(struct ue *ue)
{
	ue->timers.idle = true;
	ue_wake(ue);
}


int ue_flow_recv(struct ue *ue, uint64_t now_ms, unsigned flow,
		 const struct ue_addr *src, uint8_t *data, size_t len)
{
	int err;

	if (!ue_is_open(ue) || !data || !len)
		return EINVAL;

	if (!ue_events_spare(ue, 0)) {
		++ue->stats.inputs_refused;
		ue_wake(ue);
		return EAGAIN;
	}

	ue_timers_set_now(&ue->timers, now_ms);
	err = sip_flow_recv(&ue->sip, flow, src, data, len);
	input_end(ue);

	return err;
}


int ue_flow_stream(struct ue *ue, uint64_t now_ms, unsigned flow,
		   const uint8_t *data, size_t len, size_t *used)
{
	int err;

	if (!ue_is_open(ue) || !data || !used || flow < UE_FLOWS_MAX ||
	    flow >= MESSAGING_LISTENER)
		return EINVAL;

	ue_timers_set_now(&ue->timers, now_ms);
	err = messaging_flow_recv(&ue->messaging, flow, data, len, used);
	/* a port that tries again in vain is not to be woken for it */
	if (*used || !ue_timers_wait_ms(&ue->timers))
		input_end(ue);
	else
		ue->timers.idle = true;

	return err;
}


void ue_flow_writable(struct ue *ue, uint64_t now_ms, unsigned flow)
{
	if (!ue_is_open(ue) || flow < UE_FLOWS_MAX || flow >= UE_FLOWS_ALL)
		return;

	ue_timers_set_now(&ue->timers, now_ms);
	messaging_flow_writable(&ue->messaging, flow);
	input_end(ue);
}


void ue_flow_connected(struct ue *ue, uint64_t now_ms, unsigned flow)
{
	if (!ue_is_open(ue) || flow >= UE_FLOWS_ALL)
		return;

	ue_timers_set_now(&ue->timers, now_ms);
	if (flow >= UE_FLOWS_MAX)
		messaging_flow_connected(&ue->messaging, flow);
	else
		sip_flow_connected(&ue->sip, flow);
	input_end(ue);
}


int ue_flow_accepted(struct ue *ue, uint64_t now_ms, unsigned listener,
		     const struct ue_addr *remote, unsigned *flow)
{
	int err;

	if (!ue_is_open(ue) || !remote || !flow || listener >= UE_FLOWS_ALL)
		return EINVAL;

	ue_timers_set_now(&ue->timers, now_ms);
	err = listener >= UE_FLOWS_MAX
		? messaging_flow_accepted(&ue->messaging, remote, flow)
		: sip_flow_accepted(&ue->sip, listener, remote, flow);
	input_end(ue);

	return err;
}


void ue_flow_closed(struct ue *ue, uint64_t now_ms, unsigned flow, int err)
{
	if (!ue_is_open(ue) || flow >= UE_FLOWS_ALL)
		return;

	ue_timers_set_now(&ue->timers, now_ms);
	if (flow >= UE_FLOWS_MAX)
		messaging_flow_closed(&ue->messaging, flow, err);
	else
		sip_flow_closed(&ue->sip, flow, err);
	input_end(ue);
}


void ue_usim_result(struct ue *ue, const struct ue_usim_res *res)
{
	if (ue_is_open(ue) && res)
		ims_reg_usim_result(&ue->reg, res);
}


void ue_qos_result(struct ue *ue, unsigned session, int err)
{
	if (ue_is_open(ue))
		sessions_reserved(&ue->sessions, session, err);
}


void ue_resolved(struct ue *ue, uint32_t id, int err,
		 const struct ue_addr *addrv,
		 const enum ue_transport *transportv, size_t count)
{
	if (ue_is_open(ue) && id == ue->reg.lookup)
		ims_reg_resolved(&ue->reg, addrv, transportv,
				 addrv && !err ? count : 0);
}
