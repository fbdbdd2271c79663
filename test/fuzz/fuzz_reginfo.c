/**
 * @file fuzz_reginfo.c  libFuzzer target: hostile XML and registration
 * information documents
 *
 * Input: the document.  It is read by the parser alone, where starts and ends
 * must balance and every decoded text be legal UTF-8 again, and as a
 * registration information document, where a refused one must say nothing and
 * an accepted one the same twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ue/ims/reginfo.h"
#include "ue/xml/xml_chars.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct {
	struct xml xml;
	struct ims_reginfo_work work;
	struct ims_reginfo_own own;
	unsigned calls;
	uint64_t sum;
} f;


static void must(bool cond)
{
	if (!cond)
		abort();
}


static void legal(const char *str)
{
	must(xml_utf8_valid(str, strlen(str)));
}


static void attributes(void)
{
	struct pl rest = f.xml.attrs;
	struct xml_attr a;
	char str[64];
	uint32_t v;

	while (!xml_attr_next(&a, &rest)) {
		must(a.name.l > 0);
		if (!xml_decode(str, sizeof(str), &a.val))
			legal(str);
	}

	if (!xml_attr_str(str, sizeof(str), &f.xml, "aor"))
		legal(str);
	(void)xml_attr_u32(&v, &f.xml, "version");
}


static void parse(const char *buf, size_t len)
{
	unsigned depth = 0, most = 0;
	char str[32];
	int err;

	xml_init(&f.xml, buf, len);

	while (!(err = xml_next(&f.xml)) && f.xml.type != XML_EOF) {

		switch (f.xml.type) {

		case XML_START:
			must(f.xml.depth == ++depth);
			if (depth > most)
				most = depth;
			attributes();
			break;

		case XML_END:
			must(f.xml.depth == depth--);
			break;

		case XML_TEXT:
			must(depth > 0 && f.xml.text.l > 0);
			if (!xml_decode(str, sizeof(str), &f.xml.text))
				legal(str);
			break;

		default:
			abort();
		}
	}

	must(err || (!depth && most));
	must(!err || xml_next(&f.xml) == err);

	/* the text of the root */
	xml_init(&f.xml, buf, len);
	while (!(err = xml_next(&f.xml)) && f.xml.type != XML_START)
		;
	if (!err && !xml_text(str, sizeof(str), &f.xml))
		legal(str);
}


static void mix(const struct pl *pl)
{
	size_t i;

	for (i = 0; i < pl->l; i++)
		f.sum = (f.sum ^ (uint8_t)pl->p[i]) * 0x100000001b3ULL;
}


static void reg_h(const struct ims_reginfo_reg *reg, void *arg)
{
	(void)arg;

	++f.calls;
	f.sum += reg->contacts + reg->own.found + 7u * reg->state;
	mix(&reg->aor);
	mix(&reg->own.pub_gruu);
	mix(&reg->own.temp_gruu);
	must(reg->own.found || !reg->own.pub_gruu.l);
	must(!reg->own.found || reg->contacts);
}


static int decode(struct ims_reginfo *info, const char *buf, size_t len)
{
	f.calls = 0;
	f.sum = 0;

	return ims_reginfo_decode(info, &f.work, buf, len, &f.own, reg_h,
				  NULL);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char contact[] = "sip:user@192.0.2.1";
	struct ims_reginfo info, again;
	uint64_t sum;
	struct pl pl;
	char *buf;
	int err;

	pl_set_str(&pl, contact);
	must(!sip_uri_decode(&f.own.contact, &pl));
	f.own.instance = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
	f.own.pub_gruu = "sip:user@example.com;gr=hha9s8d-999a";

	/* its own block: reading one octet too far is seen */
	buf = malloc(len ? len : 1);
	must(buf != NULL);
	if (len)
		memcpy(buf, data, len);

	parse(buf, len);

	err = decode(&info, buf, len);
	must(!err || err == EBADMSG || err == EOVERFLOW);
	must(err ? f.calls == 0 : f.calls == info.registrations);
	sum = f.sum;
	if (!err) {
		must(!decode(&again, buf, len) && f.sum == sum);
		must(again.version == info.version);
	}

	free(buf);

	return 0;
}
