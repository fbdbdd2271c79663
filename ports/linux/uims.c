/**
 * @file uims.c  uims: the UE on Linux, as a program
 *
 * uims [-c FILE] [-s KEY=VALUE]... [-e 'CMD; CMD'] [--json] [--pcap FILE]
 *      [--flow FILE.svg] [-v]
 * uims --version
 *
 * Exit status: 0 all done, 1 a command failed, 2 usage or settings.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include <mbedtls/platform_util.h>
#include "ports/common/command.h"
#include "ports/common/log.h"
#include "ports/common/re_port.h"
#include "ports/common/re_time.h"
#include "ports/linux/file_command.h"
#include "ports/linux/linux_port.h"
#include "ports/linux/ladder.h"
#include "ports/linux/pcap.h"
#include "ports/linux/transfer.h"
#include "ports/linux/uims_settings.h"


/* one UE to a program: the only writable data of the program */
static struct ue ue;
static struct linux_port port;
static struct uims_settings settings;
static struct script script;

static struct {
	bool json;
	bool verbose;
	bool started;                   /* ue_init() was done            */
	bool terminal;                  /* no -e, and no end was seen    */
	bool listening;                 /* to the terminal               */
	const char *commands;           /* of -e; NULL = interactive     */
	const char *pcap_path;
	FILE *pcap;                     /* SIP messages                  */
	FILE *pcap_esp;                 /* ESP packets, NULL = none      */
	FILE *pcap_keys;
	const char *flow_path;
	struct ladder flow;
	int status;                     /* exit status                   */
	uint64_t start_ms;
	struct tmr tmr;                 /* command_poll() is due         */
} uims;


/* ------------------------------------------------------------------ */
/* Commands: what the port does for them */


static void on_output(const char *p, size_t len, void *arg)
{
	(void)arg;
	(void)fwrite(p, 1, len, stdout);
}


static void on_help(const char *p, size_t len, void *arg)
{
	(void)fwrite(p, 1, len, arg ? arg : stderr);
}


static void poll_commands(void *arg);


static void on_wake(void *arg)
{
	(void)arg;
	tmr_start(&uims.tmr, 0, poll_commands, NULL);
}


static void on_quit(int status, void *arg)
{
	(void)arg;
	uims.status = status;
	re_cancel();
}


static const char *on_error(int err, void *arg)
{
	(void)arg;

	return strerror(err);
}


static void on_status(struct output *o, void *arg)
{
	struct ipsec_stats st;
	char name[40];

	(void)arg;
	if (!port.esp.mode)
		return;

	linux_esp_stats(&port.esp, &st);

	output_str(o, "esp", linux_esp_name(port.esp.mode));
	output_num(o, "esp_out", st.out_protected);
	output_num(o, "esp_in", st.in_protected);
	for (unsigned i = 1; i < IPSEC_DROP_N; i++) {
		(void)snprintf(name, sizeof(name), "esp_drop_%s",
			       ipsec_drop_name((enum ipsec_drop)i));
		output_num(o, name, st.dropv[i]);
	}
}


static void on_datetime(char str[32], void *arg)
{
	const time_t t = time(NULL);
	struct tm tm;

	(void)arg;
	(void)gmtime_r(&t, &tm);
	(void)strftime(str, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}


static void on_file(struct output *o, const struct pl *disposition,
		    const struct pl *content, void *arg)
{
	(void)arg;
	if (settings.folder)
		file_keep(o, settings.folder, disposition, content);
	else
		output_str(o, "file", "");
}


static const struct command commandv[] = {
	{"send", file_cmd_send, "FILE [to URI]: to all, or to one",
	 false, false},
	{"fetch", transfer_cmd_fetch, "NAME from URI: a file", false, false},
	{"accept-file", transfer_cmd_accept, "that was offered, or is wanted",
	 false, false},
	{"refuse-file", transfer_cmd_refuse, "that was offered, or is wanted",
	 false, false},
	{"stop-files", transfer_cmd_stop, "that are being transferred",
	 true, false},
	{"resume-file", transfer_cmd_resume, "the transfer that broke off",
	 false, false},
};

static const struct command_port command_port = {
	.outh      = on_output,
	.helph     = on_help,
	.wakeh     = on_wake,
	.quith     = on_quit,
	.errorh    = on_error,
	.statush   = on_status,
	.datetimeh = on_datetime,
	.alloch    = file_alloc,
	.freeh     = file_free,
	.fileh     = on_file,
	.commandv  = commandv,
	.commandc  = ARRAY_SIZE(commandv),
};


/* ------------------------------------------------------------------ */
/* The terminal */


/** Read while the commands take it */
static void on_terminal(int flags, void *arg)
{
	char buf[COMMAND_LINE];
	const size_t room = command_room(&script);
	ssize_t n;

	(void)flags;
	(void)arg;

	n = room ? read(STDIN_FILENO, buf, room) : 0;
	if (n > 0) {
		(void)command_feed(&script, buf, (size_t)n);
		return;
	}

	fd_close(STDIN_FILENO);
	uims.listening = false;
	if (room) {
		uims.terminal = false;
		command_eof(&script);
	}
}


static int listen_terminal(void)
{
	int err;

	if (!uims.terminal || uims.listening || !command_room(&script))
		return 0;

	err = fd_listen(STDIN_FILENO, FD_READ, on_terminal, NULL);
	uims.listening = !err;

	return err;
}


static void poll_commands(void *arg)
{
	const uint32_t wait_ms = command_poll(&script, re_time_ms());

	(void)arg;
	if (wait_ms != UINT32_MAX)
		tmr_start(&uims.tmr, wait_ms, poll_commands, NULL);

	if (listen_terminal())
		on_quit(1, NULL);
	if (command_idle(&script) && isatty(STDIN_FILENO)) {
		(void)fputs("uims> ", stderr);
		(void)fflush(stderr);
	}
}


/* ------------------------------------------------------------------ */
/* What is seen of the UE */


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


/** A message, which anybody may have sent: none of its lines is taken for one
 *  of ours, and none moves the cursor */
static void show(const char *p, size_t len)
{
	struct output o = {.outh = on_help};
	const char *const end = p + len;

	while (p < end) {

		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((lf ? lf : end) - p);

		on_help("| ", 2, NULL);
		output_text(&o, p, n && p[n - 1] == '\r' ? n - 1 : n);
		on_help("\n", 1, NULL);
		p = lf ? lf + 1 : end;
	}
	on_help("\n", 1, NULL);
}


static void on_trace(const struct ue_trace *tr, void *arg)
{
	char name[32];
	struct output o;

	(void)arg;

	if (uims.pcap)
		pcap_write(uims.pcap, tr);
	if (uims.flow.f)
		ladder_message(&uims.flow, tr);

	message_name(name, sizeof(name), tr);

	command_output(&script, &o, "message");
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
		show(tr->msg, tr->len);
}


static void on_packet(const uint8_t *packet, size_t len, void *arg)
{
	(void)arg;
	pcap_write_packet(uims.pcap_esp, packet, len);
}


static void on_keys(const struct ipsec_params *prm,
		    const struct ipsec_keys *keys, void *arg)
{
	(void)arg;
	pcap_write_keys(uims.pcap_keys, prm, keys);
}


/** The capture, and beside it what goes as ESP with its keys */
static int open_pcap(void)
{
	char esp[512], keys[512];
	const char *path = uims.pcap_path;
	const int n = snprintf(keys, sizeof(keys), "%s.esp_sa", path);
	int err = ENAMETOOLONG;

	if (n < 0 || (size_t)n >= sizeof(keys))
		goto out;
	(void)snprintf(esp, sizeof(esp), "%s.esp", path);

	err = pcap_open(&uims.pcap, path, PCAP_SIP);
	if (err || !port.esp.mode)
		goto out;

	path = keys;
	err = linux_private_file(&uims.pcap_keys, path);
	if (err)
		goto out;
	/* no copy of a key in a buffer */
	(void)setvbuf(uims.pcap_keys, NULL, _IONBF, 0);
	port.keysh = on_keys;

	if (port.esp.mode == LINUX_ESP_TUN) {
		path = esp;
		err = pcap_open(&uims.pcap_esp, path, PCAP_IP);
		if (err)
			goto out;
		port.esp.tun.packeth = on_packet;
	}

 out:
	if (err)
		(void)fprintf(stderr, "uims: %s: %s\n", path, strerror(err));

	return err;
}


static int open_flow(void)
{
	const int err = ladder_open(&uims.flow, uims.flow_path);

	if (err)
		(void)fprintf(stderr, "uims: %s: %s\n", uims.flow_path,
			      strerror(err));

	return err;
}


static void close_pcap(void)
{
	FILE *const fv[] = {uims.pcap, uims.pcap_esp, uims.pcap_keys};

	for (unsigned i = 0; i < 3; i++) {
		if (fv[i])
			(void)fclose(fv[i]);
	}
}


static void on_event(struct ue *u, const struct ue_event *ev, void *arg)
{
	if (!transfer_event(&script, ev))
		command_on_event(u, ev, arg);
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
	on_quit(1, NULL);
}


static void usage(FILE *f)
{
	(void)fprintf(f,
		      "usage: uims [-c FILE] [-s KEY=VALUE]... "
		      "[-e 'CMD; CMD'] [--json] [--pcap FILE] "
		      "[--flow FILE.svg] [-v] [--version]\n"
		      "commands:\n");
	command_help(&command_port, f);
	(void)fprintf(f, "settings:\n");
	settings_help(&settings.set, on_help, f);
}


/** `-s KEY=VALUE`: the value is wiped, because the list of processes shows
 *  arguments to everybody */
static int set_pair(char *pair)
{
	const int err = settings_set_pair(&settings.set, pair);
	char *val = strchr(pair, '=');

	if (val)
		mbedtls_platform_zeroize(val + 1, strlen(val + 1));

	return err;
}


static int options(int argc, char *argv[])
{
	static const struct option longv[] = {
		{"json", no_argument, NULL, 'j'},
		{"pcap", required_argument, NULL, 'p'},
		{"flow", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0}
	};
	int c, err = 0;

	uims_settings_init(&settings);

	while (!err && (c = getopt_long(argc, argv, "c:s:e:vh", longv,
					NULL)) != -1) {
		switch (c) {

		case 'c':
			err = uims_settings_read_file(&settings, optarg);
			break;
		case 's':
			err = set_pair(optarg);
			break;
		case 'e': uims.commands = optarg; break;
		case 'j': uims.json = true; break;
		case 'v': uims.verbose = true; break;
		case 'p': uims.pcap_path = optarg; break;
		case 'f': uims.flow_path = optarg; break;
		case 'V':
			(void)printf("uims %s\n", UE_VERSION);
			exit(0);
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			return EINVAL;
		}
	}

	if (!err && optind < argc) {
		usage(stderr);
		return EINVAL;
	}
	if (!err)
		err = settings_finish(&settings.set);
	if (err)
		(void)fprintf(stderr, "uims: %s\n", settings.set.error);

	return err;
}


static void on_card_gone(const char *why, void *arg)
{
	struct output o;

	(void)arg;

	command_output(&script, &o, "card-removed");
	output_str(&o, "reason", why);
	output_end(&o);
	command_event(&script, "card-removed");
}


static int open_usim(void)
{
	if (settings.usim_kind != LINUX_USIM_SOFT)
		return linux_usim_open(&port.usim, settings.usim_kind,
				       settings.usim_name);

	return settings.set.has_k
		? linux_usim_open_soft(&port.usim, &settings.set.usim,
				       &port.port)
		: 0;
}


/** ESP, when it is asked for; says which way */
static int start_esp(void)
{
	struct output o;
	const char *what = "";
	int err;

	if (settings.set.ue.sec != UE_SEC_IPSEC)
		return 0;

	err = linux_port_esp(&port, settings.esp, &what);
	if (err) {
		(void)fprintf(stderr, "uims: %s: %s: %s%s\n",
			      settings.esp == LINUX_ESP_AUTO ? "sec ipsec"
			      : settings.esp == LINUX_ESP_TUN ? "esp tun"
			      : "esp xfrm", what, strerror(err),
			      err == EPERM || err == EACCES
			      ? " (needs CAP_NET_ADMIN and CAP_NET_RAW)" : "");
		return err;
	}

	command_output(&script, &o, "esp");
	output_str(&o, "mode", linux_esp_name(port.esp.mode));
	if (port.esp.mode == LINUX_ESP_TUN)
		output_str(&o, "device", port.esp.tun.name);
	output_end(&o);

	return 0;
}


static int start(void)
{
	const char *what = "store";
	int err;

	err = nv_file_open(&port.nv, settings.store);
	if (err)
		goto out;

	port.identity   = settings.set.card;
	port.traceh     = on_trace;
	port.usim.goneh = on_card_gone;

	log_set_handler(on_log, NULL);
	log_set_level(uims.verbose ? LOG_LEVEL_DEBUG
		      : (enum log_level)settings.set.log);

	what = "usim";
	err = open_usim();
	if (err)
		goto out;

	what = "dns";
	err = linux_resolver_init(&port, settings.dns);
	if (err)
		goto out;

	err = start_esp();
	if (err)
		return err;

	what = "settings";
	if (!settings.set.no_messages)
		settings.set.ue.messaging =
			command_messaging(&script, &settings.set.relay,
					  !settings.set.no_msrps);
	script.msg.set.files = true;
	transfer_init(settings.files, settings.folder, settings.share);
	err = ue_init(&ue, &settings.set.ue, &port.port, on_event, &script);
	uims.started = !err;
	script.ue = &ue;

 out:
	if (err)
		(void)fprintf(stderr, "uims: %s: %s\n", what,
			      port.usim.why[0] ? port.usim.why
			      : strerror(err));

	return err;
}


/** No core file, and no other process of this user, is to have the keys.  Of
 *  LeakSanitizer the leak detector is another process */
static void hide(void)
{
#ifndef __SANITIZE_ADDRESS__
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}


int main(int argc, char *argv[])
{
	int err;

	hide();
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

	tmr_init(&uims.tmr);
	command_init(&script, &command_port, NULL, uims.json);
	linux_port_init(&port, &ue);
	if (start()) {
		uims.status = 2;
		goto out;
	}

	if ((uims.pcap_path && open_pcap()) ||
	    (uims.flow_path && open_flow())) {
		uims.status = 2;
		goto out;
	}

	uims.terminal = !uims.commands;
	if (uims.commands)
		command_script(&script, uims.commands);
	else
		on_wake(NULL);
	linux_port_pump(&port);
	err = re_main(on_signal);
	if (err && err != EINTR)
		uims.status = 1;

 out:
	if (uims.started) {
		tmr_cancel(&uims.tmr);
		if (uims.listening)
			fd_close(STDIN_FILENO);
		linux_flow_cut(&port);
		ue_close(&ue);
		transfer_close();
	}
	linux_port_close(&port);
	linux_platform_close();
	settings_wipe(&settings.set);
	close_pcap();
	ladder_close(&uims.flow);

	return uims.status;
}
