#!/usr/bin/python3
# class: test
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi
"""The firmware's image: no heap, stacks that are large enough, limits that
are kept; and that the checks of these find what they are for."""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, 'test'), os.path.join(ROOT, 'test/tools')]
os.chdir(ROOT)

import firmware_size                                        # noqa: E402
import stack_bound                                          # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(300)
IMAGE = 'build/mps2-an385/firmware'
HEAP = {'malloc', 'calloc', 'realloc', 'free', 'strdup', '_malloc_r',
        '_calloc_r', '_realloc_r', '_free_r', '_sbrk', '_sbrk_r', 'memalign',
        'mem_alloc', 'mem_zalloc', 'pvPortMalloc'}


@tests.add('firmware: no symbol of the malloc family')
async def no_heap():
    out = subprocess.run(['arm-none-eabi-nm', IMAGE], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    names = {line.split()[-1] for line in out.splitlines()}
    check('ue_poll' in names, 'no symbols')
    equal(names & HEAP, set(), 'of a heap')


@tests.add('firmware: an image with malloc() is not linked')
async def heap_refused():
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, 'x.c')
        with open(source, 'w', encoding='utf-8') as f:
            f.write('#include <stdlib.h>\n'
                    'void *_sbrk(int n) { (void)n; return 0; }\n'
                    'void reset_handler(void) { free(malloc(9)); }\n')
        out = subprocess.run(
            ['arm-none-eabi-gcc', '-mcpu=cortex-m3', '-mthumb',
             '--specs=nano.specs', '-nostartfiles', '-T',
             'boards/mps2-an385/firmware.ld', '-o',
             os.path.join(folder, 'x'), source], check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(out.returncode and 'the firmware has no heap' in out.stdout,
              'linked: %s', out.stdout)


@tests.add('firmware: each stack has a quarter to spare in the worst case')
async def stacks():
    tasks, trouble = stack_bound.bounds()
    equal(trouble, [], 'the call graph')
    check(len(tasks['ue'][2]) > 30, 'a way of %d calls', len(tasks['ue'][2]))
    out = subprocess.run(['arm-none-eabi-nm', '-S', IMAGE], check=True,
                         text=True, stdout=subprocess.PIPE).stdout
    sizes = {f[3]: int(f[1], 16) for f in map(str.split, out.splitlines())
             if len(f) == 4}
    equal([tasks[t][1] for t in ('ue', 'idle', 'irq')],
          [sizes['ue_stack'], sizes['idle_stack'],
           firmware_size.interrupt_stack()], 'sizes of stacks')


@tests.add('firmware: a call through a pointer that is not listed is found')
async def unlisted():
    calls = stack_bound.List(stack_bound.LIST)
    del calls.places['ue/ue.c', 'eventh']
    graph = stack_bound.Graph(calls)
    graph.link(['ue_poll'])
    check(any('eventh' in t for t in graph.trouble), graph.trouble)


@tests.add('firmware: a way from a function to itself is found')
async def recursion():
    calls = stack_bound.List(stack_bound.LIST)
    calls.once -= {'esp_received', 'deliver'}
    graph = stack_bound.Graph(calls)
    graph.link(['ip4_input'])
    graph.deepest('ip4_input')
    check(any(t.startswith('recursion') and 'esp_received' in t
              for t in graph.trouble), graph.trouble)


@tests.add('firmware: flash and RAM of each part within the committed table')
async def sizes():
    equal(list(firmware_size.over_table(IMAGE + '.map')), [], 'over it')


if __name__ == '__main__':
    subprocess.run(['make', '-s', 'TARGET=mps2-an385', IMAGE], check=True)
    sys.exit(tests.main())
