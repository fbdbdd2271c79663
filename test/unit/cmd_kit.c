/**
 * @file cmd_kit.c  A console on a UE of one of the other kits
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/cmd_kit.h"
#include "test/unit/msg_kit.h"

struct cm cm;


static void on_output(const char *p, size_t len, void *arg)
{
	(void)arg;
	if (sizeof(cm.out) - 1 - cm.len < len)
		len = sizeof(cm.out) - 1 - cm.len;
	memcpy(cm.out + cm.len, p, len);
	cm.len += len;
}


static void on_wake(void *arg)
{
	(void)arg;
}


static void on_quit(int status, void *arg)
{
	(void)arg;
	cm.status = status;
}


static const char *on_error(int err, void *arg)
{
	(void)arg;

	return err == EINVAL ? "EINVAL" : err == ENOMEM ? "ENOMEM"
		: err == ENOENT ? "ENOENT" : err == EPROTO ? "EPROTO"
		: err == ENOTCONN ? "ENOTCONN" : err == ENOTSUP ? "ENOTSUP"
		: err == ETIMEDOUT ? "ETIMEDOUT"
		: err == EOVERFLOW ? "EOVERFLOW"
		: err == ECANCELED ? "ECANCELED"
		: err == ECONNRESET ? "ECONNRESET"
		: err == EACCES ? "EACCES"
		: err == EMSGSIZE ? "EMSGSIZE" : "another";
}


static void on_status(struct output *o, void *arg)
{
	(void)arg;
	output_num(o, "mine", 7);
}


static void on_datetime(char str[32], void *arg)
{
	(void)arg;
	strcpy(str, "2026-01-01T00:00:00Z");
}


static void *on_alloc(size_t len, void *arg)
{
	(void)arg;
	if (cm.no_memory)
		return NULL;
	++cm.given;

	return malloc(len);
}


static void on_free(void *p, size_t len, void *arg)
{
	(void)len;
	(void)arg;
	--cm.given;
	free(p);
}


static void on_file(struct output *o, const struct pl *disposition,
		    const struct pl *content, void *arg)
{
	(void)arg;
	output_pl(o, "disposition", disposition);
	output_num(o, "kept", content->l);
}


static const struct command_port whole = {
	.outh = on_output, .helph = on_output, .wakeh = on_wake,
	.quith = on_quit, .errorh = on_error, .statush = on_status,
	.alloch = on_alloc, .freeh = on_free, .fileh = on_file,
	.datetimeh = on_datetime
};


void cm_begin(void)
{
	memset(&cm, 0, sizeof(cm));
	cm.status = -1;
	cm.port = whole;
	command_init(&cm.sc, &cm.port, NULL, true);
}


static void event_h(struct rk *k, const struct ue_event *ev)
{
	command_on_event(&k->ue, ev, &cm.sc);
}


void cm_attach(void)
{
	cm_begin();
	cm.sc.ue = &rk.ue;
	rk.eventh = event_h;
	if (rk.port.flow_sendv)
		rk.set.messaging = command_messaging(&cm.sc, &mg.relay,
						     false);
}


const char *cm_type(const char *line)
{
	(void)command_feed(&cm.sc, line, strlen(line));
	(void)command_feed(&cm.sc, "\n", 1);
	while (!command_poll(&cm.sc, rk.now_ms))
		;
	if (cm.sc.ue)
		rk_run(0);

	return cm_printed();
}


const char *cm_printed(void)
{
	static char text[sizeof(cm.out)];
	size_t i;

	/* what the events have let go on */
	while (!command_poll(&cm.sc, rk.now_ms))
		;
	for (i = 0; i < cm.len; i++)
		text[i] = cm.out[i] == '"' ? '\'' : cm.out[i];
	text[i] = '\0';
	cm.len = 0;

	return text;
}


const char *cm_error(const char *what, const char *reason)
{
	static char text[200];

	snprintf(text, sizeof(text), "{'event':'error','what':'%s',"
		 "'reason':'%s'}\n", what, reason);

	return text;
}
