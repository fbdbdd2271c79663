/**
 * @file uri_list.c  URI lists in bodies (RFC 4826, RFC 5364)
 */
#include <errno.h>
#include <string.h>
#include "ue/services/uri_list.h"

#define NS "urn:ietf:params:xml:ns:resource-lists"


/* XML 1.0 2.3: what an attribute value may not have as it is */
static void put_escaped(struct sip_writer *w, const char *str)
{
	for (; *str; str++) {

		switch (*str) {

		case '&': sip_writer_str(w, "&amp;");  break;
		case '<': sip_writer_str(w, "&lt;");   break;
		case '"': sip_writer_str(w, "&quot;"); break;
		default:  sip_writer_data(w, str, 1);
		}
	}
}


void uri_list_write(struct sip_writer *w, const char *const *uriv,
		    unsigned count, const char *method, const char *home,
		    bool copy)
{
	unsigned i;

	sip_writer_line(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	sip_writer_str(w, "<resource-lists xmlns=\"" NS "\"");
	if (copy)
		sip_writer_str(w, " xmlns:cp=\"urn:ietf:params:xml:ns:"
			       "copycontrol\"");
	sip_writer_str(w, "><list>");

	for (i = 0; i < count; i++) {
		const bool tel = method && !strncmp(uriv[i], "tel:", 4);

		sip_writer_str(w, tel ? "<entry uri=\"sip:" : "<entry uri=\"");
		put_escaped(w, uriv[i] + (tel ? 4 : 0));
		if (tel)
			sip_writer_fmt(w, "@%s;user=phone", home);
		if (method)
			sip_writer_fmt(w, strchr(uriv[i], '?')
				       ? "&amp;method=%s" : "?method=%s",
				       method);
		sip_writer_str(w, copy ? "\" cp:copyControl=\"to\"/>"
			       : "\"/>");
	}

	sip_writer_line(w, "</list></resource-lists>");
}


/* ------------------------------------------------------------------ */


static int read_entry(struct xml *x, uri_list_h *h, void *arg)
{
	const unsigned depth = x->depth;
	struct uri_list_entry entry;
	bool name = false;
	int err;

	memset(&entry, 0, sizeof(entry));
	if (xml_attr(&entry.uri, x, "uri"))
		return xml_skip(x);

	for (;;) {
		err = xml_next(x);
		if (err)
			return err;

		if (x->type == XML_END && x->depth == depth)
			break;
		if (x->type == XML_START)
			name = xml_is(x, NS, "display-name") &&
				x->depth == depth + 1;
		else if (x->type == XML_END)
			name = false;
		else if (name && !entry.name.l)
			entry.name = x->text;
	}

	if (h)
		h(&entry, arg);

	return 0;
}


int uri_list_read(struct xml *work, const struct pl *body, uri_list_h *h,
		  void *arg)
{
	struct xml *x = work;
	int err;

	xml_init(x, body->p, body->l);

	while (!(err = xml_next(x)) && x->type != XML_EOF) {

		if (x->type != XML_START)
			continue;

		if (x->depth == 1) {
			if (!xml_is(x, NS, "resource-lists"))
				return EBADMSG;
		}
		else if (x->depth == 3 && xml_is(x, NS, "entry")) {
			err = read_entry(x, h, arg);
		}
		else if (x->depth > 2 || !xml_is(x, NS, "list")) {
			err = xml_skip(x);
		}
		if (err)
			return err;
	}

	return err;
}
