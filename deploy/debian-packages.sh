# The Debian packages that smtpwatch stands on, in one place: sourced by deploy/demo and Tests/run.
# shellcheck shell=sh disable=SC2034 # used where it is sourced

# Headers and libraries to build and run with.
build_packages="pkg-config libssl-dev libmicrohttpd-dev libgnutls28-dev libcrypt-dev libc-ares-dev
  libcurl4-openssl-dev zlib1g-dev"

# The test tools; and the shared libraries of Postfix, Dovecot, Exim, OpenDKIM and OpenDMARC, and what the SPF service
# imports: the end-to-end tests unpack these servers without installing them.
test_packages="python3 python3-venv python3-selenium chromium chromium-driver python3-pytest python3-pytest-xdist python3-prometheus-client python3-yaml openssl systemd man-db binutils
  libcap2 libdb5.3 libevent-2.1-7 libgnutls-dane0 libicu72 libidn12 libldap-2.5-0 libldns3 libmariadb3 libnghttp2-14 libnsl2 libpam0g libperl5.36 libpq5
  libpcre2-8-0 libpcre2-32-0 libprotobuf-c1 libpython3.11 libsasl2-2 libsodium23 libspf2-2 libsqlite3-0
  libsystemd0 libtirpc3 libunwind8
  liblua5.3-0 libmemcached11 libmilter1.0.1 libopendbx1 libopendkim11 libopendmarc2 librbl1 libunbound8 libvbr2
  python3-authres python3-spf"

# Runs a command as root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs those of the named packages that are missing. Without Debian's tools it says what is needed
# and goes on: the libraries may be there under other names.
install_missing() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is not Debian. If the build fails, install what these Debian packages hold: $*" >&2
    return 0
  fi
  missing=""
  for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
    [ "$state" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "Installing:$missing"
  as_root apt-get -q update
  # shellcheck disable=SC2086 # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
}

# Ends with a message when there is no Swift.
require_swift() {
  command -v swift >/dev/null && return 0
  echo "Swift 6.3 is needed and 'swift' was not found: install it from https://www.swift.org/install/linux" >&2
  exit 1
}
