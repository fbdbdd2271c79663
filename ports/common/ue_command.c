/**
 * @file ue_command.c  Commands of registration and audio sessions, and what is
 *                     printed of events and of the state
 */
#include <errno.h>
#include "ports/common/conf_command.h"
#include "ports/common/msg_command.h"
#include "ports/common/ue_command.h"


static const char *event_name(const struct ue_event *ev)
{
	switch (ev->type) {

	case UE_EVENT_REGISTERING:            return "registering";
	case UE_EVENT_CHALLENGE:              return "challenge";
	case UE_EVENT_REGISTERED:             return "registered";
	case UE_EVENT_REGISTER_RETRY:         return "register-retry";
	case UE_EVENT_REGISTER_FAILED:        return "registration-failed";
	case UE_EVENT_REREGISTERED:           return "reregistered";
	case UE_EVENT_DEREGISTERED:           return "deregistered";
	case UE_EVENT_REG_SUBSCRIBED:         return "reg-subscribed";
	case UE_EVENT_REG_SUBSCRIPTION_ENDED: return "reg-subscription-ended";
	case UE_EVENT_REG_INFO:               return "reg-event";
	case UE_EVENT_FLOW_FAILED:            return "flow-failed";
	case UE_EVENT_SECURITY:               return "security";
	case UE_EVENT_MESSAGING_READY:        return "messaging-ready";
	case UE_EVENT_MESSAGING_LOST:         return "messaging-lost";
	case UE_EVENT_RELAY_READY:            return "relay-ready";
	case UE_EVENT_RELAY_LOST:             return "relay-lost";
	case UE_EVENT_MESSAGE_BROKEN:         return "message-broken";
	case UE_EVENT_MESSAGE_SENT:           return "message-sent";
	case UE_EVENT_MESSAGE_FAILED:         return "message-failed";
	case UE_EVENT_NICKNAME:               return "nickname";
	case UE_EVENT_PAGE_SENT:              return "page-sent";
	case UE_EVENT_PAGE_FAILED:            return "page-failed";
	case UE_EVENT_SESSION_INCOMING:       return "session-incoming";
	case UE_EVENT_SESSION_PROGRESS:       return "session-progress";
	case UE_EVENT_SESSION_ESTABLISHED:    return "session-established";
	case UE_EVENT_SESSION_FAILED:         return "session-failed";
	case UE_EVENT_SESSION_MODIFIED:       return "session-modified";
	case UE_EVENT_SESSION_MODIFY_FAILED:  return "session-modify-failed";
	case UE_EVENT_SESSION_CHANGED:        return "session-changed";
	case UE_EVENT_SESSION_ENDED:          return "session-ended";
	default:                              return conf_event_name(ev);
	}
}


static const char *dereg_name(enum ue_dereg dereg)
{
	switch (dereg) {

	case UE_DEREG_USER:         return "user";
	case UE_DEREG_REJECTED:     return "network-rejected";
	case UE_DEREG_DEACTIVATED:  return "network-deactivated";
	case UE_DEREG_PROBATION:    return "network-probation";
	case UE_DEREG_EXPIRED:      return "expired";
	case UE_DEREG_UNREGISTERED: return "network-unregistered";
	case UE_DEREG_TERMINATED:   return "network-terminated";
	case UE_DEREG_FAILED:       return "failed";
	case UE_DEREG_ADDRESS:      return "address-changed";
	}

	return "?";
}


static void print_registered(struct output *o, const struct ue *ue)
{
	const struct ims_reg_info *info = ue_reg_info(ue);

	output_str(o, "impu", info->default_impu);
	output_num(o, "expires", info->expires_s);
	output_str(o, "service_route", info->service_route);

	output_open(o, "associated");
	for (unsigned i = 0; i < info->assoc_count; i++) {
		output_add(o, i ? ", " : "");
		output_add(o, info->assocv[i]);
	}
	output_close(o);
	output_bool(o, "barred", info->barred);
}


static void print_status(const struct script *sc)
{
	const struct ims_reg_info *info = ue_reg_info(sc->ue);
	const struct sip_stats *st = &sc->ue->sip.stats;
	struct output o;

	command_output(sc, &o, "status");
	output_bool(&o, "registered", info->registered);
	if (info->registered)
		print_registered(&o, sc->ue);
	output_num(&o, "rx_messages", st->rx_messages);
	output_num(&o, "tx_messages", st->tx_messages);
	output_num(&o, "retransmissions", st->retransmissions);
	output_num(&o, "rx_malformed", st->rx_malformed);
	output_num(&o, "no_memory", st->no_memory);
	if (sc->port->statush)
		sc->port->statush(&o, sc->arg);
	output_end(&o);
}


static void print_session(struct script *sc, struct output *o,
			  const struct ue_event *ev)
{
	const struct ue_media *m = ev->media;
	char addr[UE_ADDR_STR];

	if (ev->type == UE_EVENT_SESSION_INCOMING)
		sc->session = ev->session;

	output_num(o, "session", ev->session);
	if (ev->by_peer)
		output_bool(o, "by_peer", true);
	/* a change of a session with messages only is a hold, or its end */
	if (m && (m->remote.family || ev->type == UE_EVENT_CONF_CHANGED))
		output_bool(o, "held", ev->held);
	if (!m || !m->remote.family)
		return;

	output_str(o, "media", ue_addr_print(addr, &m->remote,
					     UE_ADDR_HOSTPORT));
	if (m->codecc)
		output_str(o, "codec",
			   sc->ue->set->audio->codecv[m->codecv[0]].name);
}


void command_on_event(struct ue *ue, const struct ue_event *ev, void *arg)
{
	struct script *sc = arg;
	const char *name = msg_event_name(sc, ev);
	struct output o;

	if (!name)
		name = event_name(ev);
	command_output(sc, &o, name);
	msg_print(sc, &o, ev);

	if (ev->type == UE_EVENT_REGISTERED ||
	    ev->type == UE_EVENT_REREGISTERED)
		print_registered(&o, ue);
	else if (ev->type == UE_EVENT_DEREGISTERED)
		output_str(&o, "reason", dereg_name(ev->dereg));
	else if (ev->conf)
		conf_print(sc, &o, ev);
	else if (ev->text[0] && ev->type != UE_EVENT_MESSAGE_NOTIFIED)
		output_str(&o, ev->type == UE_EVENT_REG_INFO ? "state"
			   : ev->type == UE_EVENT_REGISTERING ? "pcscf"
			   : command_text_name(ev), ev->text);

	if (ev->status)
		output_num(&o, "status", ev->status);
	if (ev->err)
		output_str(&o, "error", command_reason(sc, ev->err));
	if (ev->type == UE_EVENT_REG_SUBSCRIBED ||
	    ev->type == UE_EVENT_RELAY_READY)
		output_num(&o, "expires", ev->expires_s);
	if (ev->type == UE_EVENT_REG_INFO)
		output_num(&o, "version", ev->version);
	if (ev->session)
		print_session(sc, &o, ev);
	if (ev->again)
		output_num(&o, "wait_ms", ev->wait_ms);
	output_end(&o);

	msg_event(sc, ev);
	command_event(sc, name);
}


void ue_cmd_register(struct script *sc, char *args)
{
	(void)args;
	sc->seen_count = 0;
	command_outcome(sc, ue_register(sc->ue), "registered",
			"registration-failed");
}


void ue_cmd_reregister(struct script *sc, char *args)
{
	(void)args;
	sc->seen_count = 0;
	command_outcome(sc, ue_reregister(sc->ue), "reregistered",
			"deregistered");
}


void ue_cmd_address_changed(struct script *sc, char *args)
{
	(void)args;
	(void)ue_address_changed(sc->ue);
	command_next(sc);
}


void ue_cmd_deregister(struct script *sc, char *args)
{
	(void)args;
	sc->seen_count = 0;
	command_outcome(sc, ue_deregister(sc->ue), "deregistered", "");
}


bool command_audio(const struct script *sc)
{
	return sc->ue->set->audio != NULL;
}


void ue_cmd_call(struct script *sc, char *args)
{
	const struct ue_session_params prm = {.audio = command_audio(sc)};

	sc->seen_count = 0;
	command_outcome(sc, ue_session_start(sc->ue, &sc->session, args,
					     &prm),
		"session-established", "session-failed");
}


void ue_cmd_answer(struct script *sc, char *args)
{
	(void)args;
	sc->seen_count = 0;
	command_outcome(sc, ue_session_accept(sc->ue, sc->session),
		"session-established", "session-ended");
}


void ue_cmd_hangup(struct script *sc, char *args)
{
	(void)args;
	sc->seen_count = 0;
	command_outcome(sc, ue_session_end(sc->ue, sc->session),
			"session-ended", "session-failed");
}


void ue_cmd_status(struct script *sc, char *args)
{
	(void)args;
	print_status(sc);
	command_next(sc);
}
