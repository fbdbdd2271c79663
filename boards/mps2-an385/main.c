/**
 * @file main.c  The firmware: kernel, UE task, settings
 *
 * Started with KEY=VALUE arguments it starts the UE with them, without it
 * waits for `set KEY VALUE` and `start` on the console. `run=CMD; CMD` as the
 * last argument runs these commands and ends; else commands come from the
 * console.
 */
#include <errno.h>
#include <string.h>
#include <FreeRTOS.h>
#include <task.h>
#include "boards/mps2-an385/board.h"
#include "ports/common/command.h"
#include "ports/common/log.h"
#include "ports/common/settings.h"
#include "ports/freertos/freertos_board.h"
#include "ports/freertos/freertos_port.h"

/** Stack of the UE task, words */
#define UE_STACK 1728

static StaticTask_t ue_tcb, idle_tcb;
static StackType_t ue_stack[UE_STACK];
static StackType_t idle_stack[configMINIMAL_STACK_SIZE];

static struct ue ue;
static struct freertos_port port;
static struct script script;
static struct settings settings;
static struct freertos_net_params net;

/** What main() was given; gone when the UE is started */
static struct {
	char **argv;
	int argc;
} args;


/* nobody needs the UE's memory before it is started */
char *board_line(size_t *size)
{
	*size = sizeof(ue);

	return (char *)&ue;
}


void vApplicationGetIdleTaskMemory(StaticTask_t **tcb, StackType_t **stack,
				   uint32_t *size);
void vApplicationGetIdleTaskMemory(StaticTask_t **tcb, StackType_t **stack,
				   uint32_t *size)
{
	*tcb   = &idle_tcb;
	*stack = idle_stack;
	*size  = configMINIMAL_STACK_SIZE;
}


void vApplicationStackOverflowHook(TaskHandle_t task, char *name);
void vApplicationStackOverflowHook(TaskHandle_t task, char *name)
{
	(void)task;
	board_uart_write("stack overflow: ", 16);
	board_uart_write(name, strlen(name));
	board_exit(3);
}


void port_assert_failed(const char *file, int line)
{
	(void)line;
	board_uart_write("assert: ", 8);
	board_uart_write(file, strlen(file));
	board_exit(3);
}


/* ------------------------------------------------------------------ */
/* Settings of the board */


static int set_ip(struct settings *st, const char *val)
{
	struct ue_addr a;

	if (settings_address(st, &a, val))
		return EINVAL;
	if (a.family == 6)
		net.ip6 = a;
	else
		net.ip4 = a;

	return 0;
}


static int set_gateway(struct settings *st, const char *val)
{
	struct ue_addr a;

	if (settings_address(st, &a, val))
		return EINVAL;
	/* RFC 4861 s6.3.4: of IPv6 the router says so itself */
	if (a.family == 6)
		return settings_fail(st, "an IPv4 address is expected");
	net.gateway4 = a;

	return 0;
}


static int set_prefix(struct settings *st, const char *val)
{
	uint32_t n;

	if (settings_number(st, &n, val, 1, 32))
		return EINVAL;
	net.prefix4 = (uint8_t)n;

	return 0;
}


static const struct settings_key keyv[] = {
	{"ip", set_ip, NULL},           /* own address, of each family   */
	{"gateway", set_gateway, NULL},
	{"prefix", set_prefix, NULL}    /* of the IPv4 address, bits     */
};


/* ------------------------------------------------------------------ */
/* The UE task */


/* @return 0, or an errno and what it was about */
static int start(const char **what)
{
	int err;

	*what = "settings";
	err = settings_finish(&settings);
	if (err)
		return err;

	log_set_level((enum log_level)settings.log);
	if (settings.has_k) {
		*what = "usim";
		err = usim_soft_init(&port.usim, &settings.usim, &port.port);
		if (err)
			return err;
		port.has_usim = true;
	}
	port.identity     = settings.card;
	port.has_identity = settings.card.imsi[0];

	*what = "settings";
	if (!settings.no_messages)
		settings.ue.messaging = command_messaging(&script, NULL,
							  false);
	err = ue_init(&ue, &settings.ue, &port.port, command_on_event,
		      &script);
	if (err)
		return err;

	/* last: it can be done once only */
	*what = "network";
	err = freertos_port_start(&port, &ue, &net);
	if (!err)
		script.ue = &ue;

	return err;
}


static void cmd_start(struct script *sc, char *arg)
{
	const char *what;

	(void)arg;
	if (sc->ue)
		command_failed(sc, "started already");
	else if (start(&what))
		command_failed(sc, settings.error[0] ? settings.error : what);
	else
		command_next(sc);
}


static void cmd_set(struct script *sc, char *arg)
{
	settings_where(&settings, NULL, 0);
	if (sc->ue)
		command_failed(sc, "started already");
	else if (settings_set_line(&settings, arg))
		command_failed(sc, settings.error);
	else
		command_next(sc);
}


static void cmd_peaks(struct script *sc, char *arg)
{
	(void)arg;
	board_console_peaks();
	command_next(sc);
}


static void cmd_skip(struct script *sc, char *arg)
{
	uint32_t n;

	if (settings_number(&settings, &n, arg, 1, 1000000)) {
		command_failed(sc, "skip SECONDS");
		return;
	}
	board_skip(n);
	command_next(sc);
}


static const struct command commandv[] = {
	{"set", cmd_set, NULL, true, true},
	{"start", cmd_start, NULL, false, true},
	{"peaks", cmd_peaks, NULL, false, false},
	{"skip", cmd_skip, NULL, true, false},
};


/* The rest of the command line, whose blanks have become zeros */
static const char *rest(char *const *argv, int argc)
{
	for (char *p = argv[0]; p < argv[argc - 1]; p++) {
		if (!*p)
			*p = ' ';
	}

	return argv[0] + sizeof("run=") - 1;
}


/* Arguments are settings.  commands: what is to be run, NULL = what comes from
   the console.  @return 0; EINVAL: settings.error */
static int arguments(const char **commands)
{
	*commands = NULL;

	/* the name of the image is the first one */
	for (int i = 1; i < args.argc; i++) {
		settings_where(&settings, NULL, 0);
		if (!strncmp(args.argv[i], "run=", 4))
			return settings_string(&settings, commands,
					       rest(args.argv + i,
						    args.argc - i));
		if (settings_set_pair(&settings, args.argv[i]))
			return EINVAL;
	}

	return 0;
}


static void ue_main(void *arg)
{
	const char *commands = NULL, *what = "port";
	int err;

	(void)arg;
	net.prefix4 = 24;
	settings_init(&settings, keyv, ARRAY_SIZE(keyv), NULL);

	err = freertos_port_init(&port);
	board_console_start(&script, &port, commandv, ARRAY_SIZE(commandv));
	if (!err) {
		what = "settings";
		err  = arguments(&commands);
	}
	if (!err && args.argc > 1)
		err = start(&what);
	if (err) {
		command_error(&script, what, settings.error[0] ?
			      settings.error : command_reason(&script, err));
		script.port->quith(2, script.arg);
	}
	if (commands)
		command_script(&script, commands);

	freertos_port_run(&port);
}


int main(int argc, char *argv[])
{
	args.argc = argc;
	args.argv = argv;

	(void)xTaskCreateStatic(ue_main, "ue", UE_STACK, NULL, 2, ue_stack,
				&ue_tcb);
	vTaskStartScheduler();

	return 3;
}
