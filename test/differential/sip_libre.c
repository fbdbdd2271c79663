/**
 * @file sip_libre.c  libre's SIP decoder behind a pipe: see sip_dump.h
 *
 * Linked with the decoder and the memory of libre itself, which the UE does
 * without.
 */
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_msg.h>
#include <re_sa.h>
#include <re_sys.h>
#include <re_uri.h>
#include <re_sip.h>
#include "test/differential/sip_dump.h"


void dbg_printf(int level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}


/** msg.c gives each message a tag; nobody here reads it */
uint64_t rand_u64(void)
{
	return 0;
}


static void dump_uri(const char *name, const struct uri *uri)
{
	printf(", \"%s\": {\"is\": 0", name);
	dump("scheme", &uri->scheme);
	dump("user", &uri->user);
	dump("password", &uri->password);
	dump("host", &uri->host);
	dump_number("port", uri->port);
	dump("params", &uri->params);
	dump("headers", &uri->headers);
	printf("}");
}


static void party(const char *name, const struct sip_taddr *addr)
{
	printf(", \"%s\": {\"is\": 0", name);
	dump("dname", &addr->dname);
	dump("text", &addr->auri);
	dump_uri("uri", &addr->uri);
	dump("params", &addr->params);
	dump("tag", &addr->tag);
	printf("}");
}


static void one(char *buf, size_t len)
{
	struct mbuf *mb = mbuf_alloc(len ? len : 1);
	struct sip_msg *m = NULL;
	const char *comma = "";
	struct le *le;
	struct pl rest;
	int err;

	(void)mbuf_write_mem(mb, (uint8_t *)buf, len);
	mb->pos = 0;
	err = sip_msg_decode(&m, mb);

	printf("{\"why\": \"%s\"", err ? "libre" : "");
	if (err)
		goto out;

	printf(", \"request\": %s", m->req ? "true" : "false");
	dump("met", m->req ? &m->met : &m->cseq.met);
	dump("ruri", &m->ruri);
	dump_uri("uri", &m->uri);
	dump_number("code", m->scode);
	dump("version", &m->ver);
	dump("phrase", &m->reason);
	dump("via", &m->via.val);
	dump("branch", &m->via.branch);
	party("from", &m->from);
	party("to", &m->to);
	dump("call_id", &m->callid);
	dump_number("cseq", m->cseq.num);
	dump("type", &m->ctyp.type);
	dump("subtype", &m->ctyp.subtype);
	dump("ctype_params", &m->ctyp.params);
	dump("clen", &m->clen);
	pl_set_mbuf(&rest, mb);
	dump("body", &rest);

	printf(", \"hdrs\": [");
	for (le = m->hdrl.head; le; le = le->next) {
		const struct sip_hdr *hdr = le->data;

		dump_header(comma, &hdr->name, &hdr->val);
		comma = ", ";
	}
	printf("]");

 out:
	mem_deref(m);
	mem_deref(mb);
}


int main(void)
{
	return dump_all(one);
}
