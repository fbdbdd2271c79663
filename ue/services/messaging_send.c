/**
 * @file messaging_send.c  Commands: messages and nicknames (TS 24.247 9.3.1,
 * RFC 7701 s6, s7)
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/text.h"


static struct messaging_media *find(struct ue *ue, unsigned session)
{
	struct session *s = ue_is_open(ue) ?
		session_by_id(&ue->sessions, session) : NULL;

	struct messaging_media *md = s ? messaging_of(&ue->messaging, s)
		: NULL;

	return md && !messaging_user(md) ? md : NULL;
}


struct messaging_out *messaging_out_new(struct messaging *mg)
{
	unsigned i;

	for (i = 0; i < MSRP_OUT; i++) {

		struct messaging_out *o = &mg->outv[i];

		if (o->state)
			continue;

		memset(o, 0, sizeof(*o));
		o->mg = mg;
		o->state = 1;

		return o;
	}

	return NULL;
}


/** Does the peer pass on what is for one of its users? (RFC 7701 s8) */
static bool to_one(const struct messaging_media *md)
{
	return md->cpim && (!md->chatroom || md->private_msgs);
}


/** The header of CPIM first, then the application's octets */
static int source_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	struct messaging_out *o = arg;

	if (off < o->head_len) {
		*p = (const uint8_t *)o->head + off;
		*n = o->head_len - off;
	}
	else {
		*p = o->data + (off - o->head_len);
		*n = SIZE_MAX;
	}

	return 0;
}


static int admit(const struct messaging_media *md,
		 const struct ue_message *msg)
{
	struct pl type;

	if (!md)
		return ENOENT;
	if (!msg || !msg->type || (msg->len && !msg->data) ||
	    msg->len >= MSRP_ANY - UE_CPIM_MAX - 1 ||
	    !ims_is_line(msg->type) || !ims_is_line(msg->id) ||
	    !ims_is_line(msg->disposition))
		return EINVAL;
	if (md->state != MESSAGING_BOUND)
		return ENOTCONN;
	/* RFC 4975 s8.9: what is about messages goes on */
	type = ims_pl(msg->type);
	if (md->held && !msrp_type_is(&type, "application/im-iscomposing+xml"))
		return EPROTO;

	return (msg->to && !to_one(md)) || (msg->notify && !md->cpim)
		? ENOTSUP : 0;
}


static int start(struct messaging_out *o, struct messaging_media *md,
		 struct msrp_msg *m)
{
	int err;

	m->source_h = source_h;
	m->arg      = o;
	m->len     += o->head_len;
	if (o->head_len)
		m->type = "message/cpim";

	/* its outcome may come before msrp_send() returns */
	err = msrp_send(&o->out, md->ms, messaging_now(o->mg), m);
	/* a command knows no time, and RFC 4975 s7.1.1 counts from when it
	   leaves: ue_poll() sends what begins */
	if (err)
		o->state = 0;
	else
		messaging_wake(o->mg);

	return err;
}


int ue_message_send(struct ue *ue, unsigned session,
		    const struct ue_message *msg)
{
	struct messaging_media *md = find(ue, session);
	struct messaging_out *o;
	char id[IMDN_ID] = "";
	struct msrp_text t;
	struct msrp_msg m;
	struct pl type;
	int err;

	err = admit(md, msg);
	if (err)
		return err;
	o = messaging_out_new(&ue->messaging);
	if (!o)
		return ENOMEM;

	o->data    = msg->data;
	o->arg     = msg->arg;
	o->session = session;

	memset(&m, 0, sizeof(m));
	m.type = msg->type;
	m.id   = msg->id;
	type   = ims_pl(msg->type);
	/* RFC 7701 s6.1: to the room or to one of its users */
	if (md->cpim && (md->chatroom || msg->to || msg->notify ||
			 (msrp_type_is(&type, "text/") ? md->wrap_text :
			  md->wrap_other &&
			  !msrp_type_is(&type, "message/")))) {
		msrp_text_init(&t, o->head, sizeof(o->head));
		err = imdn_wrap(ue, &t, id, session_target(md->s), msg);
		if (err) {
			o->state = 0;
			return err;
		}
		o->head_len = (uint16_t)t.len;
	}
	else {
		m.disposition = msg->disposition;
	}
	m.len     = msg->len;
	m.success = msg->report;

	err = start(o, md, &m);
	if (!err)
		imdn_sent(&ue->imdns, id, msg->about);

	return err;
}


int messaging_notify(struct messaging *mg, unsigned session,
		     const struct msrp_cpim *c, enum msrp_imdn_status status)
{
	struct messaging_media *md = find(mg->ue, session);
	struct messaging_out *o;
	struct msrp_text t;
	struct msrp_msg m;
	struct pl to;
	int err;

	err = imdn_target(&to, c, status);
	if (err)
		return err;
	if (!md || md->state != MESSAGING_BOUND)
		return ENOTCONN;
	if (!to_one(md))
		return ENOTSUP;
	o = messaging_out_new(mg);
	if (!o)
		return ENOMEM;

	msrp_text_init(&t, o->head, sizeof(o->head));
	err = imdn_write(mg->ue, &t, c, status);
	if (err) {
		o->state = 0;
		return err;
	}
	o->head_len = (uint16_t)t.len;
	o->session  = session;
	o->quiet    = true;
	memset(&m, 0, sizeof(m));
	/* RFC 4975 s7.1.4: nobody waits for what becomes of it */
	m.silent = true;

	return start(o, md, &m);
}


int ue_message_displayed(struct ue *ue, unsigned session, const void *data,
			 size_t len)
{
	struct msrp_cpim c;

	if (!ue_is_open(ue) || !data || msrp_cpim_decode(&c, data, len))
		return EINVAL;

	return session ? messaging_notify(&ue->messaging, session, &c,
					  MSRP_IMDN_DISPLAYED)
		: page_notify(ue, &c, MSRP_IMDN_DISPLAYED);
}


int ue_message_abort(struct ue *ue, const void *arg)
{
	unsigned i;

	if (!ue_is_open(ue))
		return ENOENT;

	for (i = 0; i < MSRP_OUT; i++) {

		const struct messaging_out *o = &ue->messaging.outv[i];

		if (o->state != 1 || !o->out || o->arg != arg)
			continue;
		msrp_abort(o->out, messaging_now(&ue->messaging));
		messaging_wake(&ue->messaging);
		return 0;
	}

	return ENOENT;
}


int ue_nickname(struct ue *ue, unsigned session, const char *name)
{
	struct messaging_media *md = find(ue, session);
	const struct pl pl = ims_pl(name);
	size_t i;
	int err;

	if (!md)
		return ENOENT;
	if (md->state != MESSAGING_BOUND)
		return ENOTCONN;
	if (!md->nicknames)
		return ENOTSUP;
	if (md->nick)
		return EBUSY;
	for (i = 0; i < pl.l; i++) {
		if ((uint8_t)name[i] < ' ' || strchr("\"\\", name[i]))
			return EINVAL;
	}
	if (ims_copy(md->nickname, sizeof(md->nickname), &pl))
		return EINVAL;

	err = msrp_nickname(md->ms, md->nickname);
	messaging_wake(&ue->messaging);
	md->nick = !err;

	return err;
}
