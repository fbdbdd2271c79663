/**
 * @file uims.c  uims: the UE on Linux, as a program
 *
 * uims [-c FILE] [-s KEY=VALUE]... [-e 'CMD; CMD'] [--json] [--pcap FILE] [-v]
 *
 * Exit status: 0 all done, 1 a command failed, 2 usage or settings.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ports/common/log.h"
#include "ports/common/re_time.h"
#include "ports/linux/command.h"
#include "ports/linux/linux_port.h"
#include "ports/linux/output.h"
#include "ports/linux/settings.h"
#include "ports/linux/uims.h"


/* one UE to a program: the only writable data of the program */
static struct ue ue;
static struct linux_port port;
static struct settings settings;
static struct uims uims;


static const char *event_name(enum ue_event_type type)
{
	switch (type) {

	case UE_EVENT_REGISTERING:            return "registering";
	case UE_EVENT_CHALLENGE:              return "challenge";
	case UE_EVENT_REGISTERED:             return "registered";
	case UE_EVENT_REGISTER_RETRY:         return "register-retry";
	case UE_EVENT_REGISTER_FAILED:        return "registration-failed";
	case UE_EVENT_REREGISTERED:           return "reregistered";
	case UE_EVENT_DEREGISTERED:           return "deregistered";
	case UE_EVENT_REG_SUBSCRIBED:         return "reg-subscribed";
	case UE_EVENT_REG_SUBSCRIPTION_ENDED: return "reg-subscription-ended";
	case UE_EVENT_REG_INFO:               return "reg-event";
	case UE_EVENT_FLOW_FAILED:            return "flow-failed";
	}

	return "?";
}


static const char *dereg_name(enum ue_dereg dereg)
{
	switch (dereg) {

	case UE_DEREG_USER:         return "user";
	case UE_DEREG_REJECTED:     return "network-rejected";
	case UE_DEREG_DEACTIVATED:  return "network-deactivated";
	case UE_DEREG_PROBATION:    return "network-probation";
	case UE_DEREG_EXPIRED:      return "expired";
	case UE_DEREG_UNREGISTERED: return "network-unregistered";
	case UE_DEREG_TERMINATED:   return "network-terminated";
	case UE_DEREG_FAILED:       return "failed";
	}

	return "?";
}


static void begin(struct output *o, const char *event)
{
	o->f    = stdout;
	o->json = uims.json;
	output_begin(o, event);
}


void uims_error(const char *what, const char *why)
{
	struct output o;

	begin(&o, "error");
	output_str(&o, "what", what);
	output_str(&o, "reason", why);
	output_end(&o);
}


static void print_registered(struct output *o)
{
	const struct ims_reg_info *info = ue_reg_info(&ue);
	char list[UE_IMPU_MAX * (UE_URI_MAX + 2)] = "";

	output_str(o, "impu", info->default_impu);
	output_num(o, "expires", info->expires_s);
	output_str(o, "service_route", info->service_route);

	for (unsigned i = 0; i < info->assoc_count; i++) {
		(void)strcat(list, i ? ", " : "");
		(void)strcat(list, info->assocv[i]);
	}
	output_str(o, "associated", list);
	output_bool(o, "barred", info->barred);
}


void uims_print_status(void)
{
	const struct ims_reg_info *info = ue_reg_info(&ue);
	const struct sip_stats *st = &ue.sip.stats;
	struct output o;

	begin(&o, "status");
	output_bool(&o, "registered", info->registered);
	if (info->registered)
		print_registered(&o);
	output_num(&o, "rx_messages", st->rx_messages);
	output_num(&o, "tx_messages", st->tx_messages);
	output_num(&o, "retransmissions", st->retransmissions);
	output_num(&o, "rx_malformed", st->rx_malformed);
	output_num(&o, "no_memory", st->no_memory);
	output_end(&o);
}


static void on_event(struct ue *u, const struct ue_event *ev, void *arg)
{
	const char *name = event_name(ev->type);
	struct output o;

	(void)u;
	(void)arg;

	begin(&o, name);

	if (ev->type == UE_EVENT_REGISTERED ||
	    ev->type == UE_EVENT_REREGISTERED)
		print_registered(&o);
	else if (ev->type == UE_EVENT_DEREGISTERED)
		output_str(&o, "reason", dereg_name(ev->dereg));
	else if (ev->text[0])
		output_str(&o, ev->type == UE_EVENT_REG_INFO ? "state"
			   : ev->type == UE_EVENT_REGISTERING ? "pcscf"
			   : "reason", ev->text);

	if (ev->status)
		output_num(&o, "status", ev->status);
	if (ev->err)
		output_str(&o, "error", strerror(ev->err));
	if (ev->type == UE_EVENT_REG_SUBSCRIBED)
		output_num(&o, "expires", ev->expires_s);
	if (ev->type == UE_EVENT_REG_INFO)
		output_num(&o, "version", ev->version);
	if (ev->again)
		output_num(&o, "wait_ms", ev->wait_ms);
	output_end(&o);

	command_event(&uims.script, name);
}


/** The name of a message: its method, or `status CSeq-method` */
static void message_name(char *name, size_t size, const struct ue_trace *tr)
{
	const char *p = tr->msg, *end = tr->msg + tr->len;
	size_t n = 0;

	if (tr->len > 12 && !memcmp(p, "SIP/2.0 ", 8)) {
		(void)snprintf(name, size, "%.3s", p + 8);
		return;
	}

	while (p + n < end && n + 1 < size && p[n] > ' ')
		++n;
	memcpy(name, p, n);
	name[n] = '\0';
}


static void on_trace(const struct ue_trace *tr, void *arg)
{
	char name[32];
	struct output o;

	(void)arg;

	if (uims.pcap)
		pcap_write(uims.pcap, tr);

	message_name(name, sizeof(name), tr);

	begin(&o, "message");
	output_str(&o, "dir", tr->sent ? "up" : "down");
	output_str(&o, "name", name);
	output_num(&o, "bytes", tr->len);
	output_num(&o, "wire", tr->wire_len);
	output_str(&o, "transport",
		   tr->transport == UE_TRANSPORT_TCP ? "tcp" : "udp");
	output_addr(&o, "local", &tr->local);
	output_addr(&o, "remote", &tr->remote);
	if (uims.verbose)
		output_num(&o, "ms", re_time_ms() - uims.start_ms);
	output_end(&o);

	if (uims.verbose)
		(void)fprintf(stderr, "%.*s\n", (int)tr->len, tr->msg);
}


static void on_log(enum log_level level, const char *line, void *arg)
{
	static const char *const levelv[] = {"error", "warning", "info",
					     "debug"};
	(void)arg;

	(void)fprintf(stderr, "uims: %s: %s\n", levelv[level], line);
}


static void on_signal(int sig)
{
	(void)sig;
	uims_quit(1);
}


void uims_quit(int status)
{
	uims.status = status;
	re_cancel();
}


static void usage(void)
{
	(void)fprintf(stderr,
		      "usage: uims [-c FILE] [-s KEY=VALUE]... "
		      "[-e 'CMD; CMD'] [--json] [--pcap FILE] [-v]\n"
		      "commands:\n");
	command_help();
	(void)fprintf(stderr, "settings:\n");
	settings_help();
}


static int options(int argc, char *argv[])
{
	static const struct option longv[] = {
		{"json", no_argument, NULL, 'j'},
		{"pcap", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}
	};
	int c, err = 0;

	settings_init(&settings);

	while (!err && (c = getopt_long(argc, argv, "c:s:e:vh", longv,
					NULL)) != -1) {
		switch (c) {

		case 'c': err = settings_read_file(&settings, optarg); break;
		case 's': err = settings_set_pair(&settings, optarg); break;
		case 'e': uims.commands = optarg; break;
		case 'j': uims.json = true; break;
		case 'v': uims.verbose = true; break;
		case 'p': uims.pcap_path = optarg; break;
		default:
			usage();
			return EINVAL;
		}
	}

	if (!err && optind < argc) {
		usage();
		return EINVAL;
	}
	if (!err)
		err = settings_finish(&settings);
	if (err)
		(void)fprintf(stderr, "uims: %s\n", settings.error);

	return err;
}


static int start(void)
{
	const char *what = "store";
	int err;

	err = nv_file_open(&port.nv, settings.store);
	if (err)
		goto out;

	port.identity     = settings.card;
	port.has_identity = settings.card.imsi[0] != '\0';
	port.traceh       = on_trace;

	log_set_handler(on_log, NULL);
	log_set_level(uims.verbose ? LOG_LEVEL_DEBUG
		      : (enum log_level)settings.log);

	if (settings.has_k) {
		what = "usim";
		err = usim_soft_init(&port.usim, &settings.usim, &port.port);
		if (err)
			goto out;
		port.has_usim = true;
	}

	what = "dns";
	err = linux_resolver_init(&port, settings.dns);
	if (err)
		goto out;

	what = "settings";
	err = ue_init(&ue, &settings.ue, &port.port, on_event, NULL);
	uims.started = !err;

 out:
	if (err)
		(void)fprintf(stderr, "uims: %s: %s\n", what, strerror(err));

	return err;
}


int main(int argc, char *argv[])
{
	int err;

	if (options(argc, argv))
		return 2;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	uims.start_ms = re_time_ms();

	err = linux_platform_init();
	if (err) {
		(void)fprintf(stderr, "uims: %s\n", strerror(err));
		return 2;
	}

	linux_port_init(&port, &ue);
	if (start()) {
		uims.status = 2;
		goto out;
	}

	if (uims.pcap_path) {
		err = pcap_open(&uims.pcap, uims.pcap_path);
		if (err) {
			(void)fprintf(stderr, "uims: %s: %s\n",
				      uims.pcap_path, strerror(err));
			uims.status = 2;
			goto out;
		}
	}

	if (command_start(&uims.script, &ue, uims.commands) == 0) {
		linux_port_pump(&port);
		err = re_main(on_signal);
		if (err && err != EINTR)
			uims.status = 1;
	}

 out:
	if (uims.started) {
		command_stop(&uims.script);
		ue_close(&ue);
	}
	linux_port_close(&port);
	linux_platform_close();
	settings_wipe(&settings);
	if (uims.pcap)
		(void)fclose(uims.pcap);

	return uims.status;
}
