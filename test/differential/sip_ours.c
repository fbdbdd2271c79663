/**
 * @file sip_ours.c  ue/sip's parser behind a pipe: see sip_dump.h
 */
#include "ue/sip/message.h"
#include "test/differential/sip_dump.h"


static void dump_uri(const char *name, const struct sip_uri *uri)
{
	printf(", \"%s\": {\"is\": 0", name);
	dump("scheme", &uri->scheme_name);
	dump("user", &uri->user);
	dump("password", &uri->password);
	dump("host", &uri->host);
	dump_number("port", uri->port);
	dump("params", &uri->params);
	dump("headers", &uri->headers);
	printf("}");
}


static void party(const char *name, const struct sip_addr *addr,
		  const struct pl *tag)
{
	printf(", \"%s\": {\"is\": 0", name);
	dump("dname", &addr->dname);
	dump("text", &addr->uri.text);
	dump_uri("uri", &addr->uri);
	dump("params", &addr->params);
	dump("tag", tag);
	printf("}");
}


static const char *values(enum sip_hdr_id id,
			  const struct pl *name, const struct pl *val,
			  const char *comma)
{
	struct sip_iter it;
	struct pl one;

	if (id != SIP_HDR_VIA && id != SIP_HDR_ROUTE) {
		dump_header(comma, name, val);
		return ", ";
	}

	sip_iter_text(&it, val);
	while (!sip_iter_value(&one, &it)) {
		dump_header(comma, name, &one);
		comma = ", ";
	}

	return comma;
}


static void one(char *buf, size_t len)
{
	static struct sip_msg m;
	const int err = sip_msg_parse(&m, buf, len, SIP_FRAMING_DATAGRAM);
	const char *comma = "";
	struct pl name, val;

	printf("{\"why\": \"%s\"", err ? m.why : "");
	if (err)
		return;

	printf(", \"request\": %s", m.request ? "true" : "false");
	dump("met", &m.met);
	dump("ruri", &m.ruri.text);
	dump_uri("uri", &m.ruri);
	dump_number("code", m.code);
	dump("phrase", &m.phrase);
	dump("transp", &m.via.transp_name);
	dump("via", &m.via.text);
	dump("branch", &m.via.branch);
	party("from", &m.from, &m.from_tag);
	party("to", &m.to, &m.to_tag);
	dump("call_id", &m.call_id);
	dump_number("cseq", m.cseq);
	dump("type", &m.ctype.type);
	dump("subtype", &m.ctype.subtype);
	dump("ctype_params", &m.ctype.params);
	dump("body", &m.body);

	printf(", \"hdrs\": [");
	for (unsigned i = 0; !sip_msg_hdr_at(&name, &val, &m, i); i++)
		comma = values(sip_hdr_id(&name), &name, &val, comma);
	printf("]");
}


int main(void)
{
	return dump_all(one);
}
