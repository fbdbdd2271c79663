/**
 * @file fuzz_file_selector.c  libFuzzer target: what a peer says of a file
 * (RFC 5547 s6)
 *
 * Input: the value of a file-selector, and, behind the first NUL, that of a
 * file-range.  What is accepted lies inside the text, is written and read
 * again as the same file, and its name has nothing of a path.
 */
#include <stdlib.h>
#include <string.h>
#include "ue/services/file_sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);


static void must(bool cond)
{
	if (!cond)
		abort();
}


static void inside(const struct pl *pl, const struct pl *text)
{
	must(!pl->p || (pl->p >= text->p && pl->p <= text->p + text->l &&
			pl->l <= (size_t)(text->p + text->l - pl->p)));
}


static void name(const struct pl *val)
{
	static const uint16_t sizev[] = {8, 64, 128};
	char str[128];
	unsigned i;

	for (i = 0; i < 3; i++) {
		if (file_name_decode(str, sizev[i], val))
			return;
		must(str[0] && strlen(str) < sizev[i]);
		must(!strpbrk(str, "/\\:%\r\n") && str[0] != '.' &&
		     str[0] != '-');
	}
}


static void again(const struct file_selector *sel)
{
	struct file_selector back;
	char buf[1024], str[128];
	struct sip_writer w;
	struct pl text;
	bool named;

	named = sel->name.p && !file_name_decode(str, sizeof(str),
						 &sel->name);
	if (!named && sel->size == UE_FILE_ANY && !sel->hashed)
		return;

	sip_writer_init(&w, buf, sizeof(buf));
	file_selector_write(&w, named ? str : NULL, NULL, sel->size,
			    sel->hashed ? sel->hash : NULL);
	must(!sip_writer_err(&w));
	text.p = buf;
	text.l = sip_writer_len(&w);
	must(!file_selector_decode(&back, &text));
	must(back.size == sel->size && back.hashed == sel->hashed);
	must(!back.hashed || !memcmp(back.hash, sel->hash, UE_FILE_HASH));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *nul = len ? memchr(data, 0, len) : NULL;
	struct pl text = {(const char *)data, len}, range;
	struct file_selector sel;
	uint32_t from, to;

	if (nul) {
		text.l = (size_t)(nul - text.p);
		range.p = nul + 1;
		range.l = len - text.l - 1;
		if (!file_range_decode(&from, &to, &range))
			must(from < to);
	}
	if (file_selector_decode(&sel, &text))
		return 0;

	inside(&sel.name, &text);
	inside(&sel.type, &text);
	if (sel.name.p)
		name(&sel.name);
	again(&sel);

	return 0;
}
