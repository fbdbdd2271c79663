/**
 * @file ue.c  The UE: life cycle, polling, events, requests by method
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ue/ue.h"
#include "ue/ims/headers.h"
#include "ue/ims/text.h"

/** Timers run in one ue_poll(): its work is bounded */
#define POLL_TIMERS_MAX 64

/** RFC 3261 18.1.1 */
#define UDP_MAX 1300

/** Retry-After of a request that finds no room for its events, seconds */
#define BUSY_S 5

static const char *const methodv[] = {"NOTIFY", "OPTIONS", NULL};
static const char *const optionv[] = {"gruu", NULL};
static const char *const acceptv[] = {"application/reginfo+xml", NULL};

static const struct sip_uas_config uas = {
	.methodv = methodv, .optionv = optionv, .acceptv = acceptv
};

static const struct sip_timers timers_ims     = {2000, 16000, 17000};
static const struct sip_timers timers_rfc3261 = {500, 4000, 5000};


/* ------------------------------------------------------------------ */
/* Events */


static unsigned events_free(const struct ue *ue)
{
	return UE_EVENTS_MAX - ue->event_count;
}


struct ue_event *ue_event_new(struct ue *ue, enum ue_event_type type)
{
	struct ue_event *ev;
	unsigned pos;

	/* cannot be: nothing runs that makes more events than are free.  If
	   it is, the newest one is lost, and counted */
	if (!events_free(ue)) {
		++ue->stats.events_lost;
		--ue->event_count;
	}

	pos = (ue->event_head + ue->event_count++) % UE_EVENTS_MAX;
	ev = &ue->eventv[pos];
	memset(ev, 0, sizeof(*ev));
	ev->type = type;

	return ev;
}


/* The slot stays taken while the handler runs: it may issue commands */
static void deliver_one(struct ue *ue)
{
	ue->eventh(ue, &ue->eventv[ue->event_head], ue->arg);

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

	if (!ue || !ue->port)
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

	ue->polling = false;

	if (wait_ms)
		*wait_ms = ue_timers_wait_ms(&ue->timers);

	return 0;
}


/* ------------------------------------------------------------------ */
/* Requests from the network */


/* RFC 3261 s11.2 */
static void options(struct ue *ue, struct sip_strans *st)
{
	struct sip_writer *w = sip_reply_begin(st, 200, NULL, NULL);

	sip_writer_list(w, SIP_HDR_ALLOW, methodv);
	sip_writer_list(w, SIP_HDR_ACCEPT, acceptv);
	sip_writer_list(w, SIP_HDR_SUPPORTED, optionv);
	sip_writer_hdr(w, SIP_HDR_ALLOW_EVENTS, "reg");
	ims_hdr_response(w, &ue->reg, SIP_METHOD_OPTIONS);
	(void)sip_writer_end(w);
	(void)sip_reply_send(st);
}


static void refuse(struct ue *ue, struct sip_strans *st,
		   const struct sip_msg *msg, uint16_t code)
{
	struct sip_writer *w = sip_reply_begin(st, code, NULL, NULL);

	ims_hdr_response(w, &ue->reg, (enum sip_method)msg->method);
	if (code == 503)
		sip_writer_hdr(w, SIP_HDR_RETRY_AFTER, "%u",
			       (uint32_t)BUSY_S);
	(void)sip_writer_end(w);
	(void)sip_reply_send(st);
}


/* The core has refused other methods than those in methodv (405) */
static void request_h(struct sip *sip, struct sip_strans *st,
		      const struct sip_msg *msg, void *arg)
{
	struct ue *ue = arg;

	(void)sip;

	/* an ACK of nobody's */
	if (!st)
		return;

	/* a stream may bring many at once: what cannot be reported is not
	   accepted.  The rest is for answers in the same octets */
	if (events_free(ue) < 2 * UE_EVENTS_RESERVE) {
		++ue->stats.requests_refused;
		refuse(ue, st, msg, 503);
	}
	else if (ims_regevent_match(&ue->reg.regevent, msg) &&
		 msg->method == SIP_METHOD_NOTIFY) {
		ims_regevent_notify(&ue->reg.regevent, st, msg);
	}
	/* RFC 3261 s12.2.2, RFC 6665 s4.1.3 */
	else if (msg->to_tag.p || msg->method == SIP_METHOD_NOTIFY) {
		refuse(ue, st, msg, 481);
	}
	else if (msg->method == SIP_METHOD_OPTIONS) {
		options(ue, st);
	}
	else {
		refuse(ue, st, msg, 405);
	}
}


/* ------------------------------------------------------------------ */
/* Settings */


static bool is_line(const char *str)
{
	for (; str && *str; str++) {
		if ((unsigned char)*str < ' ' || *str == 0x7f)
			return false;
	}

	return true;
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
		    ims_pcscf_decode(&addr, NULL, 0, set->pcscfv[i]))
			return "settings: pcscf: host, host:port, "
				"1.2.3.4:port or [v6]:port expected";

		if (!addr.family && !port->resolve)
			return "settings: pcscf: names cannot be looked up "
				"here, an address is needed";
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

	if (set->sec != UE_SEC_NONE)
		return "settings: sec: only none is built";

	if ((unsigned)set->timers > UE_TIMERS_RFC3261)
		return "settings: timers: ims or rfc3261 expected";

	if (!is_line(set->access_network_info))
		return "settings: access_network_info: control character";

	if (!is_line(set->contact_params) ||
	    (set->contact_params && set->contact_params[0] &&
	     set->contact_params[0] != ';'))
		return "settings: contact_params: `;name=value` expected";

	if (!is_line(set->user_agent))
		return "settings: user_agent: control character";

	return NULL;
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
		return "settings: dms, sms, cpb: a value of RFC 3320 s3.3.1 "
			"expected, not more than was built";

	return NULL;
#else
	(void)ue;

	return set->sigcomp ? "settings: sigcomp: not built" : NULL;
#endif
}


int ue_init(struct ue *ue, const struct ue_settings *set,
	    const struct ue_port *port, ue_event_h *eventh, void *arg)
{
	struct sip_config cfg;
	const char *why;
	int err;

	if (!ue || !set || !port || !eventh || !port->flow_open ||
	    !port->flow_send || !port->flow_close || !port->random)
		return EINVAL;

	why = check_settings(set, port);
	if (why) {
		log_line(port, UE_LOG_ERROR, why);
		return EINVAL;
	}

	memset(ue, 0, sizeof(*ue));

	why = init_comp(ue, set);
	if (why) {
		log_line(port, UE_LOG_ERROR, why);
		return EINVAL;
	}

	cfg.timers = set->timers == UE_TIMERS_RFC3261 ? timers_rfc3261
		: timers_ims;
	cfg.udp_max = UDP_MAX;
	cfg.user_agent = set->user_agent;

	err = sip_init(&ue->sip, &ue->timers, port, &cfg, &uas, request_h,
		       ue);
	if (err)
		return err;

	ue->set    = set;
	ue->eventh = eventh;
	ue->arg    = arg;
	ue->access_network = set->access_network_info;
	ue->port   = port;
	ims_reg_init(&ue->reg, ue);

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
	if (!ue || !ue->port)
		return;

	ims_reg_close(&ue->reg);
	sip_close(&ue->sip);
	mbedtls_platform_zeroize(ue, sizeof(*ue));
}


/* ------------------------------------------------------------------ */
/* Commands */


int ue_register(struct ue *ue)
{
	return ue && ue->port ? ims_reg_register(&ue->reg) : EINVAL;
}


int ue_reregister(struct ue *ue)
{
	return ue && ue->port ? ims_reg_reregister(&ue->reg) : EINVAL;
}


int ue_deregister(struct ue *ue)
{
	return ue && ue->port ? ims_reg_deregister(&ue->reg) : EINVAL;
}


int ue_set_access_network(struct ue *ue, const char *info)
{
	if (!ue || !is_line(info))
		return EINVAL;

	ue->access_network = info;

	return 0;
}


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
static void wake(struct ue *ue)
{
	if (ue->port->wake)
		ue->port->wake(ue->port->arg);
}


int ue_flow_recv(struct ue *ue, uint64_t now_ms, unsigned flow,
		 const struct ue_addr *src, uint8_t *data, size_t len)
{
	int err;

	if (!ue || !ue->port || !data || !len)
		return EINVAL;

	if (events_free(ue) < UE_EVENTS_RESERVE) {
		++ue->stats.inputs_refused;
		wake(ue);
		return EAGAIN;
	}

	ue_timers_set_now(&ue->timers, now_ms);
	err = sip_flow_recv(&ue->sip, flow, src, data, len);
	wake(ue);

	return err;
}


void ue_flow_connected(struct ue *ue, uint64_t now_ms, unsigned flow)
{
	if (!ue || !ue->port)
		return;

	ue_timers_set_now(&ue->timers, now_ms);
	sip_flow_connected(&ue->sip, flow);
	wake(ue);
}


int ue_flow_accepted(struct ue *ue, uint64_t now_ms, unsigned listener,
		     const struct ue_addr *remote, unsigned *flow)
{
	if (!ue || !ue->port || !remote || !flow)
		return EINVAL;

	ue_timers_set_now(&ue->timers, now_ms);

	return sip_flow_accepted(&ue->sip, listener, remote, flow);
}


void ue_flow_closed(struct ue *ue, uint64_t now_ms, unsigned flow, int err)
{
	if (!ue || !ue->port)
		return;

	ue_timers_set_now(&ue->timers, now_ms);
	sip_flow_closed(&ue->sip, flow, err);
	wake(ue);
}


void ue_usim_result(struct ue *ue, const struct ue_usim_res *res)
{
	if (ue && ue->port && res)
		ims_reg_usim_result(&ue->reg, res);
}


void ue_resolved(struct ue *ue, int err, const struct ue_addr *addrv,
		 const enum ue_transport *transportv, size_t count)
{
	if (ue && ue->port)
		ims_reg_resolved(&ue->reg, err, addrv, transportv,
				 addrv ? count : 0);
}
