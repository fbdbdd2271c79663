/**
 * @file sdp_write.c  Session descriptions to send (RFC 4566, RFC 3264 s5, s6)
 */
#include "ue/sdp/sdp.h"


void sdesc_write_session(struct sip_writer *w, uint32_t sess_id,
		       uint32_t version, const struct ue_addr *addr)
{
	const char *family = addr->family == 6 ? "IP6" : "IP4";
	char str[UE_ADDR_STR];

	ue_addr_print(str, addr, UE_ADDR_PLAIN);

	sip_writer_line(w, "v=0");
	sip_writer_line(w, "o=- %u %u IN %s %s", sess_id, version, family,
			str);
	sip_writer_line(w, "s=-");
	sip_writer_line(w, "c=IN %s %s", family, str);
	/* RFC 3264 s5: unbounded */
	sip_writer_line(w, "t=0 0");
}


void sdesc_write_media(struct sip_writer *w, const char *type, uint16_t port,
		     const char *proto, const char *fmts)
{
	sip_writer_line(w, "m=%s %u %s %s", type, (uint32_t)port, proto, fmts);
}


void sdesc_write_refused(struct sip_writer *w,
			 const struct sdesc_media *offer)
{
	struct pl rest = offer->fmts, fmt = PL_INIT;

	/* the grammar wants a format; one of them is enough */
	(void)sdesc_word_next(&fmt, &rest);
	sip_writer_line(w, "m=%r 0 %r %r", &offer->type, &offer->proto, &fmt);
	/* RFC 5547 s8.3 */
	if (UE_FILE_TRANSFER) {
		sdesc_write_mirror(w, offer, "file-selector");
		sdesc_write_mirror(w, offer, "file-transfer-id");
	}
}


void sdesc_write_attr(struct sip_writer *w, const char *name, const char *val)
{
	if (val)
		sip_writer_line(w, "a=%s:%s", name, val);
	else
		sip_writer_line(w, "a=%s", name);
}


void sdesc_write_mirror(struct sip_writer *w, const struct sdesc_media *offer,
			const char *name)
{
	struct pl val;

	if (sdesc_media_attr(&val, offer, name) || !val.p)
		return;

	sip_writer_line(w, "a=%s:%r", name, &val);
}


void sdesc_write_hex(struct sip_writer *w, const uint8_t *v, size_t n)
{
	static const char digit[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < n; i++) {

		const char str[] = {digit[v[i] >> 4], digit[v[i] & 15], '\0'};

		sip_writer_fmt(w, "%s%s", i ? ":" : "", str);
	}
}


void sdesc_write_dir(struct sip_writer *w, enum sdesc_dir dir)
{
	static const char *const namev[] = {
		"inactive", "sendonly", "recvonly", "sendrecv"
	};

	sdesc_write_attr(w, namev[dir & 3], NULL);
}
