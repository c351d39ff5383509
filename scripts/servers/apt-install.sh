#!/bin/sh
# Installs packages without letting them start a service: apt-install.sh <seconds> <arguments of apt-get>
# It goes on to its end, and undoes what it put in the way, even if whoever started it is gone.
policy=${MILLRACE_POLICY:-/usr/sbin/policy-rc.d}
mark='# put here by an installation of Millrace, for its duration'
seconds=$1
shift

mine() { [ -e "$policy" ] && grep -qF "$mark" "$policy"; }
restore() {
  if mine; then rm -f "$policy"; fi
  if [ -e "$policy.before-millrace" ]; then mv "$policy.before-millrace" "$policy"; fi
}
trap restore EXIT
trap 'exit 1' HUP INT TERM
# An installation that was killed may have left something.
restore

refused=0
if [ -x "$policy" ]; then "$policy" redis-server start >/dev/null 2>&1 || refused=$?; fi
if [ "$refused" -ne 101 ]; then
  if [ -e "$policy" ]; then mv "$policy" "$policy.before-millrace"; fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi

timeout --kill-after=10 "$seconds" apt-get "$@"
code=$?

# The package would also start at the next boot.
if [ "$code" -eq 0 ] && [ -d /run/systemd/system ]; then
  for word; do
    case $word in redis-server | valkey-server) systemctl disable --now "$word" >/dev/null 2>&1 ;; esac
  done
fi
exit "$code"
