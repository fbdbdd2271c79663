/**
 * @file console.c  The console: commands of ports/common on the UART
 *
 * What comes in waits in a ring that the receive interrupt fills; it calls
 * the UE task by the queue of the port, where the commands take it. While a
 * command runs and its line buffer is full the ring stays as it is and the
 * interrupt is shut, so that a sender with flow control waits. What goes out
 * waits in a ring that the transmit interrupt empties: whole lines, and a line
 * for which there is no room is counted and the count printed before the next.
 */
#include <errno.h>
#include <string.h>
#include "boards/mps2-an385/board.h"
#include "ports/common/command.h"
#include "ports/common/log.h"
#include "ports/freertos/freertos_port.h"

/** Octets that came in and were not taken; a power of two */
#define IN_SIZE 64

/** Octets that go out; a power of two; no line is longer */
#ifndef CONSOLE_OUT
#define CONSOLE_OUT 2048
#endif

/** May call the kernel: configMAX_SYSCALL_INTERRUPT_PRIORITY */
#define PRIORITY 5

static struct {
	struct script *sc;
	struct freertos_port *fp;
	struct command_port port;
	/* the interrupt writes at in_end, the task reads at in_pos */
	char in[IN_SIZE];
	volatile unsigned in_pos, in_end;
	volatile bool called;
	/* the task writes at out_fill; up to out_end there are whole lines,
	   which the interrupt sends from out_pos */
	char out[CONSOLE_OUT];
	volatile unsigned out_pos, out_end;
	unsigned out_fill;
	bool dropping;          /* the rest of a line without room       */
	unsigned lost;          /* lines                                 */
} con;

void uart0_rx_handler(void);
void uart0_tx_handler(void);


/* ------------------------------------------------------------------ */
/* In */


static bool in_full(void)
{
	return con.in_end - con.in_pos == IN_SIZE;
}


/* Hand over as much as the commands take */
static void take(void)
{
	while (con.in_pos != con.in_end) {

		char c = con.in[con.in_pos % IN_SIZE];

		/* what a terminal sends for its return key */
		if (c == '\r')
			c = '\n';
		if (!command_feed(con.sc, &c, 1))
			return;
		++con.in_pos;
	}

	if (board_uart_overrun())
		command_error(con.sc, "console", "input was lost");
	board_irq_enable(BOARD_IRQ_UART0_RX, PRIORITY);
}


static void on_input(struct freertos_port *fp, void *arg)
{
	(void)fp;
	(void)arg;
	con.called = false;
	take();
}


void uart0_rx_handler(void)
{
	int c;

	while (!in_full() && (c = board_uart_read()) >= 0) {
		con.in[con.in_end % IN_SIZE] = (char)c;
		++con.in_end;
	}
	if (in_full())
		board_irq_disable(BOARD_IRQ_UART0_RX);

	/* a full queue: the next octet tries again */
	if (!con.called)
		con.called = !freertos_call_from_isr(on_input, NULL);
}


/* ------------------------------------------------------------------ */
/* Out */


void uart0_tx_handler(void)
{
	board_uart_put_done();
	while (con.out_pos != con.out_end &&
	       board_uart_put(con.out[con.out_pos % CONSOLE_OUT]))
		++con.out_pos;
}


static void copy(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		con.out[con.out_fill++ % CONSOLE_OUT] = p[i];
}


static size_t out_room(void)
{
	return CONSOLE_OUT - (con.out_fill - con.out_pos);
}


/* The line is whole */
static void send(void)
{
	con.out_end = con.out_fill;
	board_irq_trigger(BOARD_IRQ_UART0_TX);
}


/* Before a line */
static void tell_lost(void)
{
	static const char word[] = "{\"event\":\"output-lost\",\"lines\":";
	char end[13], *p = end + sizeof(end);

	if (!con.lost || out_room() < sizeof(word) + sizeof(end))
		return;

	*--p = '\n';
	*--p = '}';
	for (; con.lost; con.lost /= 10)
		*--p = (char)('0' + con.lost % 10);
	copy(word, sizeof(word) - 1);
	copy(p, (size_t)(end + sizeof(end) - p));
	send();
}


/* A piece of a line; the last one ends with '\n' */
static void on_output(const char *p, size_t len, void *arg)
{
	const bool end = len && p[len - 1] == '\n';

	(void)arg;

	if (con.out_fill == con.out_end && !con.dropping)
		tell_lost();

	if (!con.dropping && len > out_room()) {
		con.dropping = true;
		con.out_fill = con.out_end;
		++con.lost;
	}
	if (!con.dropping)
		copy(p, len);
	if (!end)
		return;

	if (con.dropping)
		con.dropping = false;
	else
		send();
}


static int on_peaks(const char *p, size_t len, void *arg)
{
	on_output(p, len, arg);

	return 0;
}


static void on_log(enum log_level level, const char *line, void *arg)
{
	static const char *const levelv[] = {"error", "warning", "info",
					     "debug"};
	struct output o;

	(void)arg;

	command_output(con.sc, &o, "log");
	output_str(&o, "level", levelv[level]);
	output_str(&o, "line", line);
	output_end(&o);
}


/* ------------------------------------------------------------------ */
/* What the commands ask of the port */


static void on_wake(void *arg)
{
	(void)arg;
	con.fp->woken = true;
}


static void on_quit(int status, void *arg)
{
	(void)arg;

	board_irq_disable(BOARD_IRQ_UART0_TX);
	for (; con.out_pos != con.out_end; con.out_pos++)
		board_uart_write(&con.out[con.out_pos % CONSOLE_OUT], 1);
	board_exit(status);
}


/* Those of ue.h */
static const char *on_error(int err, void *arg)
{
	(void)arg;

	switch (err) {

	case EINVAL:    return "invalid argument";
	case EPROTO:    return "not allowed now";
	case ENOMEM:    return "no memory";
	case ENOENT:    return "unknown";
	case EACCES:    return "authentication";
	case ETIMEDOUT: return "time-out";
	case ENOTSUP:   return "not supported";
	case EOVERFLOW: return "too long";
	case ECONNREFUSED: return "connection refused";
	case ECONNRESET:   return "connection reset";
	case ECANCELED: return "canceled";
	default:        return "error";
	}
}


static uint32_t on_poll(struct freertos_port *fp, uint64_t now_ms)
{
	uint32_t wait_ms;

	(void)fp;
	take();
	wait_ms = command_poll(con.sc, now_ms);
	/* the command has left its line */
	take();

	return wait_ms;
}


void board_console_peaks(void)
{
	struct re_printf pf = {on_peaks, NULL};

	(void)freertos_peaks_print(&pf, con.fp);
}


void board_console_start(struct script *sc, struct freertos_port *fp,
			 const struct command *commandv, unsigned commandc)
{
	con.sc = sc;
	con.fp = fp;
	con.port.outh     = on_output;
	con.port.helph    = on_output;
	con.port.wakeh    = on_wake;
	con.port.quith    = on_quit;
	con.port.errorh   = on_error;
	con.port.commandv = commandv;
	con.port.commandc = commandc;
	command_init(sc, &con.port, NULL, true);
	log_set_handler(on_log, NULL);
	fp->pollh = on_poll;

	board_irq_enable(BOARD_IRQ_UART0_TX, PRIORITY);
	board_irq_enable(BOARD_IRQ_UART0_RX, PRIORITY);
}
