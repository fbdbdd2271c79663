/**
 * @file msg_command.c  Commands of messages: say, nick, chat, and what is
 *                      printed of what comes in
 *
 * Commands are about the session that became ready last.
 */
#include <errno.h>
#include <string.h>
#include "msrp/imdn.h"
#include "ports/common/msg_command.h"

/** Times that a chat is made again without a message between them */
#define AGAIN_MAX 3


struct command_item *msg_item_new(struct script *sc)
{
	for (unsigned i = 0; i < COMMAND_ITEMS; i++) {

		struct command_item *it = &sc->msg.itemv[i];

		if (!it->used) {
			memset(it, 0, sizeof(*it));
			it->used = true;
			return it;
		}
	}

	return NULL;
}


void msg_item_free(struct script *sc, struct command_item *it)
{
	if (it->map)
		sc->port->freeh(it->map, it->len, sc->arg);
	it->map  = NULL;
	it->used = false;
}


/* ------------------------------------------------------------------ */
/* In */


/** Memory for a message that comes in.  @return false: there is none */
static bool get_memory(const struct script *sc, struct command_item *it,
		       struct msrp_sink *sink, const struct msrp_info *info)
{
	/* a total is no larger than max_size: RFC 4975 s10.5 */
	const size_t size = info->total != MSRP_ANY ? info->total
		: sc->msg.set.max_size;

	if (info->type.l >= sizeof(it->type) ||
	    info->disposition.l >= sizeof(it->name))
		return false;

	sink->buf  = (uint8_t *)it->text;
	sink->size = sizeof(it->text);
	if (size > sizeof(it->text)) {
		it->map = sc->port->alloch(size, sc->arg);
		it->len = size;
		sink->buf  = it->map;
		sink->size = size;
	}

	return sink->buf != NULL;
}


static uint16_t open_h(struct ue *ue, unsigned session,
		       const struct msrp_info *info, struct msrp_sink *sink,
		       void *arg)
{
	struct script *sc = arg;
	struct command_item *it = msg_item_new(sc);

	(void)ue;
	(void)session;

	if (!it)
		return 413;
	if (!get_memory(sc, it, sink, info)) {
		msg_item_free(sc, it);
		return 413;
	}
	(void)pl_strcpy(&info->type, it->type, sizeof(it->type));
	if (info->disposition.l)
		(void)pl_strcpy(&info->disposition, it->name,
				sizeof(it->name));
	it->duplicate = info->duplicate;
	sink->arg = it;

	return 200;
}


/* RFC 3428 s7: texts only, in CPIM or not */
static uint16_t page_h(struct ue *ue, const struct pl *from,
		       const struct pl *type, const struct pl *subtype,
		       const struct pl *body, void *arg)
{
	struct script *sc = arg;
	struct msrp_cpim *c = &sc->msg.cpim;
	struct pl text = *body;
	struct output o;

	if (!pl_strcasecmp(type, "message") &&
	    !pl_strcasecmp(subtype, "cpim")) {
		if (msrp_cpim_decode(c, body->p, body->l) ||
		    !msrp_type_is(&c->type, "text/plain"))
			return 415;
		text = c->content;
		/* what is printed is displayed */
		(void)ue_message_displayed(ue, 0, body->p, body->l);
	}
	else if (pl_strcasecmp(type, "text") ||
		 pl_strcasecmp(subtype, "plain")) {
		return 415;
	}

	command_output(sc, &o, "page");
	output_pl(&o, "from", from);
	output_pl(&o, "text", &text);
	output_end(&o);
	command_event(sc, "page");

	return 200;
}


const struct ue_messaging *command_messaging(struct script *sc,
					     const struct ue_relay *relay,
					     bool tls)
{
	struct ue_messaging *set = &sc->msg.set;

	set->open_h   = open_h;
	set->page_h   = page_h;
	set->arg      = sc;
	set->tls      = tls;
	set->relay    = relay && relay->uri ? relay : NULL;
	set->max_size = sc->port->alloch ? MESSAGE_MAX : COMMAND_TEXT;
	set->accept_types = "message/cpim text/plain text/html "
		"application/im-iscomposing+xml *";

	return set;
}


/** Look at a message that has come in */
static void look(struct msg_command *msg, const struct ue_event *ev)
{
	struct command_item *it = ev->message.arg;
	const char *data = it->map ? it->map : it->text;

	memset(&msg->cpim, 0, sizeof(msg->cpim));
	pl_set_str(&msg->type, it->type);
	msg->content.p = data;
	msg->content.l = ev->message.len;
	pl_set_str(&msg->disposition, it->name);
	msg->duplicate = it->duplicate;

	if (msrp_type_is(&msg->type, "message/cpim") &&
	    !msrp_cpim_decode(&msg->cpim, data, ev->message.len)) {
		msg->type    = msg->cpim.type;
		msg->content = msg->cpim.content;
		msg->disposition = msg->cpim.disposition;
	}

	if (msrp_type_is(&msg->type, "application/im-iscomposing+xml"))
		msg->event = "typing";
	else if (msrp_type_is(&msg->type, "text/") &&
		 !(msg->disposition.l >= 10 &&
		   !memcmp(msg->disposition.p, "attachment", 10)))
		msg->event = "text";
	else
		msg->event = "file";
}


const char *msg_event_name(struct script *sc, const struct ue_event *ev)
{
	static const char *const noticev[] = {
		[MSRP_IMDN_DELIVERED] = "delivered",
		[MSRP_IMDN_FAILED]    = "not-delivered",
		[MSRP_IMDN_DISPLAYED] = "displayed",
		[MSRP_IMDN_PROCESSED] = "processed",
		[MSRP_IMDN_STORED]    = "stored",
		[MSRP_IMDN_FORBIDDEN] = "not-delivered",
		[MSRP_IMDN_ERROR]     = "not-delivered"
	};

	if (ev->type == UE_EVENT_NICKNAME && ev->status != 200)
		return "nickname-refused";
	if (ev->type == UE_EVENT_MESSAGE_NOTIFIED)
		return noticev[ev->message.notice];
	if (ev->type != UE_EVENT_MESSAGE_RECEIVED)
		return NULL;

	look(&sc->msg, ev);

	return sc->msg.event;
}


static void print_received(const struct script *sc, struct output *o)
{
	const struct msg_command *msg = &sc->msg;
	uint32_t refresh;
	struct pl pl;
	bool active;

	/* RFC 4975 s5.4: not without a warning */
	if (msg->duplicate)
		output_bool(o, "duplicate", true);
	if (!msrp_cpim_uri(&pl, &msg->cpim.from))
		output_pl(o, "from", &pl);
	if (!msrp_cpim_uri(&pl, &msg->cpim.to))
		output_pl(o, "to", &pl);
	output_pl(o, "type", &msg->type);

	if (!strcmp(msg->event, "text")) {
		output_pl(o, "text", &msg->content);
	}
	else if (!strcmp(msg->event, "file")) {
		if (sc->port->fileh)
			sc->port->fileh(o, &msg->disposition, &msg->content,
					sc->arg);
		output_num(o, "bytes", msg->content.l);
	}
	else if (!msrp_composing_decode(&active, &refresh, &msg->content)) {
		output_bool(o, "active", active);
	}
}


void msg_print(struct script *sc, struct output *o, const struct ue_event *ev)
{
	switch (ev->type) {

	case UE_EVENT_MESSAGE_RECEIVED:
		print_received(sc, o);
		break;

	case UE_EVENT_MESSAGE_NOTIFIED:
		output_str(o, "by", ev->text);
		/* the number of the message, as far as it is remembered */
		output_num(o, "message", (uintptr_t)ev->message.about);
		break;

	case UE_EVENT_MESSAGE_SENT:
	case UE_EVENT_MESSAGE_FAILED:
	case UE_EVENT_MESSAGE_BROKEN:
		output_num(o, "bytes", ev->message.len);
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------ */
/* Out */

/** DateTime, and what shall be notified */
static void stamp(struct script *sc, char when[32], struct ue_message *m)
{
	if (!sc->port->datetimeh)
		return;

	sc->port->datetimeh(when, sc->arg);
	m->datetime = when;
	if (!strncmp(m->type, "text/", 5) && sc->msg.notify[0]) {
		m->notify = sc->msg.notify;
		m->about  = (void *)(uintptr_t)++sc->msg.asked;
	}
}


int msg_item_send(struct script *sc, unsigned session,
		  struct command_item *it, struct ue_message *m)
{
	char when[32];
	int err;

	stamp(sc, when, m);
	m->arg = it;
	it->sent = true;
	err = ue_message_send(sc->ue, session, m);
	if (err)
		msg_item_free(sc, it);

	return err;
}


void msg_event(struct script *sc, const struct ue_event *ev)
{
	struct command_item *it;

	switch (ev->type) {

	case UE_EVENT_MESSAGING_READY:
		sc->msg.session = ev->session;
		break;

	case UE_EVENT_MESSAGING_LOST:
		/* RFC 4975 s5.4: made again, unless nothing ever passes */
		if (ev->session == sc->msg.session &&
		    sc->msg.again < AGAIN_MAX) {
			++sc->msg.again;
			(void)ue_session_resume(sc->ue, ev->session);
		}
		break;

	case UE_EVENT_MESSAGE_RECEIVED:
		sc->msg.again = 0;
		/* what is printed is displayed */
		it = ev->message.arg;
		if (msrp_type_is(&sc->msg.type, "text/"))
			(void)ue_message_displayed(sc->ue, ev->session,
						   it->map ? it->map :
						   it->text,
						   ev->message.len);
		msg_item_free(sc, it);
		break;

	case UE_EVENT_MESSAGE_NOTIFIED:
		if (ev->message.arg)
			msg_item_free(sc, ev->message.arg);
		break;

	case UE_EVENT_MESSAGE_SENT:
		sc->msg.again = 0;
		msg_item_free(sc, ev->message.arg);
		break;

	case UE_EVENT_MESSAGE_BROKEN:
	case UE_EVENT_MESSAGE_FAILED:
		msg_item_free(sc, ev->message.arg);
		break;

	default:
		break;
	}
}


void msg_sent(struct script *sc, int err)
{
	command_outcome(sc, err, "message-sent", "message-failed");
}


void msg_cmd_say(struct script *sc, char *args)
{
	struct ue_message m = {.type = "text/plain;charset=utf-8"};
	struct command_item *it;
	char *text = args;

	/* say @USER TEXT: to one of the room (RFC 7701 s6.2) */
	if (*args == '@') {
		m.to = args + 1;
		text = args + strcspn(args, " \t");
		if (*text)
			*text++ = '\0';
	}
	it = *text ? msg_item_new(sc) : NULL;
	if (!it) {
		msg_sent(sc, *text ? ENOMEM : EINVAL);
		return;
	}

	/* a line is shorter than a text */
	(void)strcpy(it->text, text);
	m.data = (const uint8_t *)it->text;
	m.len  = (uint32_t)strlen(it->text);
	msg_sent(sc, msg_item_send(sc, sc->msg.session, it, &m));
}


void msg_cmd_typing(struct script *sc, char *args)
{
	struct ue_message m = {.type = "application/im-iscomposing+xml"};
	struct command_item *it = msg_item_new(sc);
	struct msrp_text t;

	if (!it) {
		msg_sent(sc, ENOMEM);
		return;
	}
	msrp_text_init(&t, it->text, sizeof(it->text));
	(void)msrp_composing_write(&t, strcmp(args, "off") != 0);
	m.data = (const uint8_t *)it->text;
	m.len  = (uint32_t)t.len;
	msg_sent(sc, msg_item_send(sc, sc->msg.session, it, &m));
}


void msg_cmd_nick(struct script *sc, char *args)
{
	command_outcome(sc, ue_nickname(sc->ue, sc->msg.session, args),
			"nickname", "nickname-refused");
}


/** All that is on its way */
void msg_cmd_abort(struct script *sc, char *args)
{
	(void)args;

	for (unsigned i = 0; i < COMMAND_ITEMS; i++) {
		struct command_item *it = &sc->msg.itemv[i];

		if (it->used && it->sent)
			(void)ue_message_abort(sc->ue, it);
	}
	command_next(sc);
}


/** URIs with commas between them: more than one, or a comma behind it, are a
 *  list.  @return 0; EINVAL too many */
static int split(struct script *sc, unsigned *uric, char *uris)
{
	*uric = 0;
	while (*uris) {
		char *end = uris + strcspn(uris, ",");

		if (*uric == COMMAND_URIS)
			return EINVAL;
		sc->uriv[(*uric)++] = uris;
		if (!*end)
			break;
		*end = '\0';
		uris = end + 1;
	}

	return *uric ? 0 : EINVAL;
}


/* RFC 3428, to many by a service: RFC 5365 */
void msg_cmd_message(struct script *sc, char *args)
{
	struct ue_message m = {.type = "text/plain;charset=utf-8"};
	const bool list = memchr(args, ',', strcspn(args, " \t")) != NULL;
	char *text = args + strcspn(args, " \t");
	char when[32], service[COMMAND_LINE];
	unsigned uric;
	int err;

	if (*text)
		*text++ = '\0';
	m.data = (const uint8_t *)text;
	m.len  = (uint32_t)strlen(text);
	stamp(sc, when, &m);
	err = split(sc, &uric, args);
	if (!err && list) {
		if (re_snprintf(service, sizeof(service), "sip:list@%s",
				sc->ue->set->home) < 0)
			err = EOVERFLOW;
		else
			err = ue_page_send(sc->ue, service, &m, sc->uriv,
					   uric);
	}
	else if (!err) {
		err = ue_page_send(sc->ue, args, &m, NULL, 0);
	}
	command_outcome(sc, err, "page-sent", "page-failed");
}


/* RFC 5438: what is asked for of the messages that follow */
void msg_cmd_notify(struct script *sc, char *args)
{
	if (strlen(args) >= sizeof(sc->msg.notify)) {
		command_failed(sc, "too long");
		return;
	}
	memcpy(sc->msg.notify, args, strlen(args) + 1);
	command_next(sc);
}


void msg_cmd_chat(struct script *sc, char *args)
{
	command_outcome(sc, ue_session_start(sc->ue, &sc->session, args,
					     NULL),
			"messaging-ready", "session-failed");
}
