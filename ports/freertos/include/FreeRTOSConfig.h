/**
 * @file FreeRTOSConfig.h  The kernel: static memory only, two tasks, tickless
 */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include <stdint.h>

/* what the board has: boards/<target>/board.mk */
#define configCPU_CLOCK_HZ              BOARD_CPU_CLOCK_HZ
#define configPRIO_BITS                 3

#define configTICK_RATE_HZ              1000
#define configUSE_PREEMPTION            1
#define configUSE_TICKLESS_IDLE         1
#define configUSE_16_BIT_TICKS          0
#define configMAX_PRIORITIES            3
#define configMINIMAL_STACK_SIZE        96      /* words */
#define configMAX_TASK_NAME_LEN         8
#define configIDLE_SHOULD_YIELD         1
#define configUSE_PORT_OPTIMISED_TASK_SELECTION 1

#define configSUPPORT_STATIC_ALLOCATION 1
#define configSUPPORT_DYNAMIC_ALLOCATION 0

#define configUSE_TASK_NOTIFICATIONS    1
#define configUSE_MUTEXES               0
#define configUSE_TIMERS                0
#define configUSE_CO_ROUTINES           0
#define configUSE_IDLE_HOOK             0
#define configUSE_TICK_HOOK             0
#define configQUEUE_REGISTRY_SIZE       0
#define configCHECK_FOR_STACK_OVERFLOW  2

#define INCLUDE_vTaskDelay              1
#define INCLUDE_vTaskSuspend            1
#define INCLUDE_uxTaskGetStackHighWaterMark 1
#define INCLUDE_xTaskGetCurrentTaskHandle 1
#define INCLUDE_xTaskGetIdleTaskHandle 1

/* interrupts of this priority and below may call the kernel */
#define configKERNEL_INTERRUPT_PRIORITY (7 << (8 - configPRIO_BITS))
#define configMAX_SYSCALL_INTERRUPT_PRIORITY (2 << (8 - configPRIO_BITS))

/* what the idle task does: the kernel's, or a board's own */
void board_sleep(uint32_t ticks);
void vPortSuppressTicksAndSleep(uint32_t ticks);
#define portSUPPRESS_TICKS_AND_SLEEP(ticks) board_sleep(ticks)

void port_assert_failed(const char *file, int line);
#define configASSERT(x) \
	do { if (!(x)) port_assert_failed(__FILE__, __LINE__); } while (0)

#define vPortSVCHandler     svc_handler
#define xPortPendSVHandler  pendsv_handler
#define xPortSysTickHandler systick_handler

#endif
