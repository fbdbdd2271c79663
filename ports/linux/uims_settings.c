/**
 * @file uims_settings.c  Settings of the uims program: keys of Linux, files
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/linux/uims_settings.h"


static struct uims_settings *of(struct settings *st)
{
	return st->arg;
}


#define STRING(name)							\
	static int key_##name(struct settings *st, const char *val)	\
	{ return settings_string(st, &of(st)->name, val); }

STRING(store)
STRING(dns)
STRING(folder)
STRING(share)


static int key_files(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"accept", "ask", "refuse", NULL};
	int n;

	if (settings_word(st, &n, val, wordv))
		return EINVAL;
	of(st)->files = (enum transfer_mode)n;

	return 0;
}


static int key_esp(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"auto", "tun", "xfrm", NULL};
	int n;

	if (settings_word(st, &n, val, wordv))
		return EINVAL;
	of(st)->esp = (enum linux_esp_mode)n;

	return 0;
}


/** `soft`, `pcsc`, `pcsc:READER`, `at:DEVICE` */
static int key_usim(struct settings *st, const char *val)
{
	struct uims_settings *us = of(st);

	us->usim_name = "";

	if (!strcmp(val, "soft"))
		us->usim_kind = LINUX_USIM_SOFT;
	else if (!strncmp(val, "pcsc", 4) && (!val[4] ||
					      (val[4] == ':' && val[5])))
		us->usim_kind = LINUX_USIM_PCSC;
	else if (!strncmp(val, "at:", 3) && val[3])
		us->usim_kind = LINUX_USIM_AT;
	else
		return settings_fail(st, "soft, pcsc, pcsc:READER or "
				     "at:DEVICE is expected");

	st->other_usim = us->usim_kind != LINUX_USIM_SOFT;
	val += strcspn(val, ":");

	return *val ? settings_string(st, &us->usim_name, val + 1) : 0;
}


static const struct settings_key keyv[] = {
	{"usim", key_usim, "soft, pcsc[:READER] or at:DEVICE"},
	{"esp", key_esp, "auto, tun (in this program) or xfrm (kernel)"},
	{"folder", key_folder, "for files that come in; none: not kept"},
	{"files", key_files, "that are offered: accept, ask or refuse"},
	{"share", key_share, "folder with files that others may fetch"},
	{"store", key_store, "file for non-volatile values"},
	{"dns", key_dns, "name server, address[:port]"},
};


void uims_settings_init(struct uims_settings *us)
{
	memset(us, 0, sizeof(*us));
	us->usim_kind = LINUX_USIM_SOFT;
	settings_init(&us->set, keyv, ARRAY_SIZE(keyv), us);
}


int uims_settings_read_file(struct uims_settings *us, const char *path)
{
	struct settings *st = &us->set;
	char line[1024], ahead[1024];
	unsigned n = 0;
	FILE *f = fopen(path, "r");
	int err = 0;

	settings_where(st, NULL, 0);
	if (!f)
		return settings_fail(st, "%s: %s", path, strerror(errno));
	/* a buffer of stdio's would keep the keys */
	(void)setvbuf(f, ahead, _IOFBF, sizeof(ahead));

	while (!err && fgets(line, sizeof(line), f)) {
		settings_where(st, path, ++n);
		if (!strchr(line, '\n') && !feof(f))
			err = settings_fail(st, "line too long");
		else
			err = settings_set_line(st, line);
	}

	(void)fclose(f);
	mbedtls_platform_zeroize(line, sizeof(line));
	mbedtls_platform_zeroize(ahead, sizeof(ahead));

	return err;
}
