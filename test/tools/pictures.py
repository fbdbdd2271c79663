#!/usr/bin/python3
"""docs/flows.md and its pictures: the messages of real runs of `uims` in the
lab, one for each flow of the specifications."""
import os
import subprocess
import sys

FLOWS = (
    ('registration', 'test_uims_registration.py',
     'TS 34.229-1 8.3: mobile-initiated de-registration, udp',
     'Registration with AKA, registration event, deregistration (TS 24.229 '
     '5.1.1)'),
    ('leaving', 'test_uims_flows.py',
     'TS 24.147 6.5.2.1, tables 6.5.2.1-1 to 6.5.2.1-25, udp',
     'A user leaves a conference (TS 24.147 6.5.2.1)'),
    ('a51', 'test_uims_flows_messaging.py', 'TS 24.247 A.5.1',
     'Joining a messaging conference (TS 24.247 A.5.1); MSRP has a '
     'connection of its own and is not shown'),
    ('a52', 'test_uims_flows_messaging.py',
     'TS 24.247 A.5.2, tables A.5.2-1 to A.5.2-23',
     'Invited to a messaging conference (TS 24.247 A.5.2)'),
    ('poc1', 'test_uims_draft_poc.py', 'PoC 9.X.1',
     'PoC: the client releases itself (9.X.1)'),
    ('poc2', 'test_uims_draft_poc.py', 'PoC 9.X.2',
     'PoC: the client releases all (9.X.2)'),
    ('initiate', 'test_uims_draft_poc.py', 'draft-ranjit F1 to F52',
     'INITIATE and Confer-To (draft-ranjit-sipping-conference-01), the '
     'initiator'),
)


def main():
    os.makedirs('docs/flows', exist_ok=True)
    text = ['# Message flows', '',
            'Each picture is a real run of `uims --flow FILE.svg` against '
            'the lab, drawn anew by `make docs`.', '']
    for name, path, title, caption in FLOWS:
        picture = os.path.abspath('docs/flows/%s.svg' % name)
        env = dict(os.environ, UIMS_FLOW=picture)
        run = subprocess.run(
            ['/usr/bin/python3', os.path.join('test/lab', path), title],
            env=env, check=False, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        if run.returncode or not os.path.exists(picture):
            print('%s: %s' % (title, run.stdout))
            return 1
        text += ['## ' + caption, '', '![%s](flows/%s.svg)' % (name, name),
                 '']
    with open('docs/flows.md', 'w', encoding='utf-8') as f:
        f.write('\n'.join(text))
    return 0


if __name__ == '__main__':
    sys.exit(main())
