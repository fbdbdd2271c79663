/**
 * @file imdn.c  Notifications of what became of messages (RFC 5438)
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/headers.h"
#include "ue/ims/text.h"


/** s7.1.1: what a message must have whose fate is of interest */
static int ask(struct ue *ue, struct msrp_cpim *c, char id[IMDN_ID],
	       const struct ue_message *msg)
{
	int err;

	if (!msg->datetime)
		return EINVAL;
	err = sip_random_hex(&ue->sip, id, IMDN_ID);
	if (err)
		return err;

	c->imdn_id   = ims_pl(id);
	c->imdn_want = ims_pl(msg->notify);

	return 0;
}


int imdn_wrap(struct ue *ue, struct msrp_text *t, char id[IMDN_ID],
	      const char *to, const struct ue_message *msg)
{
	struct msrp_cpim *c = &ue->work.imdn.c;
	int err;

	id[0] = '\0';
	memset(c, 0, sizeof(*c));
	c->from = ims_pl(ims_hdr_identity(&ue->reg));
	c->to   = ims_pl(msg->to ? msg->to : to);
	c->type = ims_pl(msg->type);
	if (msg->disposition)
		c->disposition = ims_pl(msg->disposition);
	if (msg->datetime)
		c->datetime = ims_pl(msg->datetime);
	if (msg->notify) {
		err = ask(ue, c, id, msg);
		if (err)
			return err;
	}

	return msrp_cpim_write(t, c);
}


void imdn_sent(struct imdns *is, const char id[IMDN_ID], void *about)
{
	struct imdn_await *a = &is->v[is->next];

	if (!id[0])
		return;

	is->next = (is->next + 1) % UE_IMDN_MAX;
	a->about = about;
	memcpy(a->id, id, sizeof(a->id));
}


bool imdn_read(void **about, enum msrp_imdn_status *status,
	       const struct imdns *is, const struct msrp_cpim *c)
{
	struct pl id;
	unsigned i;

	if (!msrp_type_is(&c->type, "message/imdn+xml") ||
	    msrp_imdn_decode(&id, status, &c->content))
		return false;

	*about = NULL;
	for (i = 0; i < UE_IMDN_MAX; i++) {
		if (id.l == IMDN_ID - 1 && !pl_strcmp(&id, is->v[i].id))
			*about = is->v[i].about;
	}

	return true;
}


int imdn_target(struct pl *to, const struct msrp_cpim *c,
		enum msrp_imdn_status status)
{
	struct pl rest = c->head, route;

	if (!msrp_imdn_wanted(&c->imdn_want, &c->type, status))
		return ENOENT;
	/* s11.1: the document has the identifier and the DateTime of the
	   message */
	if (!c->imdn_id.l || !c->datetime.l)
		return EBADMSG;

	/* s7.2.1: back by the way that it came */
	return msrp_cpim_uri(to, msrp_cpim_route(&route, &rest, c) ? &route
			     : &c->from);
}


int imdn_write(struct ue *ue, struct msrp_text *t, const struct msrp_cpim *c,
	       enum msrp_imdn_status status)
{
	struct msrp_cpim *n = &ue->work.imdn.c;
	struct pl rest = c->head, route;
	char id[IMDN_ID];
	int err;

	/* s7.2.1: an identifier of its own, no wish of its own */
	memset(n, 0, sizeof(*n));
	err = msrp_cpim_uri(&n->to, &c->from);
	if (!err)
		err = sip_random_hex(&ue->sip, id, sizeof(id));
	if (err)
		return err;
	n->from        = ims_pl(ims_hdr_identity(&ue->reg));
	n->imdn_id     = ims_pl(id);
	n->type        = ims_pl("message/imdn+xml");
	n->disposition = ims_pl("notification");

	/* s7.2.1: the stations are copied in their order; the peer wrote
	   them, and no line of his may become two */
	while (msrp_cpim_route(&route, &rest, c)) {
		if (!msrp_is_text(&route, "\t"))
			return EINVAL;
		msrp_putf(t, "%simdn.IMDN-Route: %r\r\n", t->len ? "" :
			  "NS: imdn <urn:ietf:params:imdn>\r\n", &route);
	}
	err = msrp_cpim_write(t, n);
	if (err)
		return err;

	return msrp_imdn_write(t, c, status);
}
