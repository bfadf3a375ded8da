# Sourced by ./run and ./test from the repository's folder: brings what is missing, leaves alone what is there.
# Each function returns at once when its work was done before.

PYTHON=${PYTHON:-python3}
VENV=.venv

say() { printf '==> %s\n' "$*" >&2; }
warn() { printf '!!  %s\n' "$*" >&2; }
die() {
    warn "$@"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# A program of the distribution may lie where an ordinary user's PATH does not look.
has_library() {
    local ldconfig
    ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
    "$ldconfig" -p 2>/dev/null | grep -q "$1"
}

installed() {
    local status
    status=$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) && [ "$status" = installed ]
}

sound_server_answers() { timeout 5 pactl info >/dev/null 2>&1; }

# The packages that playing needs and that are not there, by their Debian names.
missing_packages() {
    local package
    if has dpkg-query; then
        for package in libvlc5 libvlc-bin vlc-plugin-base; do
            installed "$package" || echo "$package"
        done
    elif ! has_library 'libvlc\.so\.5'; then
        echo vlc
    fi
    has espeak-ng || has_library libespeak-ng || echo espeak-ng
    has pactl || echo pulseaudio-utils
    # PipeWire, or a server elsewhere (PULSE_SERVER), does as well.
    has pulseaudio || { has pactl && sound_server_answers; } || echo pulseaudio
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    for package in "$@"; do
        case $package in
            chromium) has chromium || has chromium-browser || has google-chrome || echo chromium ;;
            *) ! has dpkg-query || installed "$package" || echo "$package" ;;
        esac
    done
}

# Optional arguments: further packages.
ensure_system() {
    local missing as_root=()
    missing=$(missing_packages "$@")
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086  # a list of words is meant
        set -- $missing
        if ! has apt-get; then
            warn "请用本系统的软件包管理器安装(Debian 的包名): $*"
            warn "install with this system's package manager (names as in Debian): $*"
            return
        fi
        if [ "$(id -u)" -ne 0 ]; then
            has sudo || die "缺少系统软件包,请用 root 运行: apt-get install $* / packages are missing; as root: apt-get install $*"
            as_root=(sudo)
        fi
        say "安装系统软件包 installing system packages: $*"
        as_root+=(env DEBIAN_FRONTEND=noninteractive)
        "${as_root[@]}" apt-get update -qq >/dev/null || warn "apt-get update 没有成功,继续尝试安装 / failed; trying to install all the same"
        "${as_root[@]}" apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null ||
            die "系统软件包没有装上: $* / these packages could not be installed: $*"
    fi
}

ensure_python() {
    has "$PYTHON" || die "找不到 $PYTHON,需要 Python 3.11 以上 / $PYTHON is not there; Python 3.11 or later is needed"
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "$("$PYTHON" --version) 太旧,需要 3.11 以上;可写 PYTHON=/路径/python3.11 ./run / too old: set PYTHON to 3.11 or later"
}

# One argument: the lock file. What was installed from it is remembered by the content of all that decides it.
ensure_venv() {
    local lock=$1 stamp=$VENV/installed-$1 wanted
    wanted=$(cat "$lock" pyproject.toml hatch_build.py | sha256sum)
    wanted="${wanted%% *} $PWD"
    if [ -x "$VENV/bin/broadcaster" ] && "$VENV/bin/python" -c '' 2>/dev/null && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    ensure_python
    # A Python that was upgraded, or a folder that was moved, leaves programs in it that can't start.
    if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1 ||
        [ "$("$VENV/bin/python" -c 'import sys; print(sys.prefix)')" != "$PWD/$VENV" ] ||
        { [ -e "$VENV/bin/pip" ] && ! "$VENV/bin/pip" --version >/dev/null 2>&1; }; then
        say "新建 Python 环境 making the Python environment: $VENV"
        "$PYTHON" -m venv --clear "$VENV" || die "不能建立 Python 环境 / python3 -m venv failed"
    fi
    say "安装 Python 组件 installing Python packages: $lock"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$lock" >&2 &&
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -e . >&2 ||
        die "Python 组件没有装全,请检查网络后重来 / not all Python packages could be installed; check the network and run again"
    printf '%s\n' "$wanted" >"$stamp"
}

# Third-party files of page and paper: a page without them is plain but works, and what is printed has another font.
# Optional argument: --tests.
ensure_assets() {
    say "网页和打印用的文件(第一次约 60 MB) files of page and paper (about 60 MB at first)"
    "$VENV/bin/python" -m broadcaster.assets "$@" || warn "下次启动再试 / tried again at the next start"
}

# The neural voice, into the folder that the argument names. Without it the platform's own voice speaks, so a failure is
# no reason to stop; it is not tried again for a day, unless somebody says where the files are.
ensure_voices() {
    local folder=$1 catalogue=broadcaster/voice/fetch/catalogue.json wanted
    wanted=$(sha256sum <"$catalogue")
    [ "$(cat "$folder/.complete" 2>/dev/null)" = "$wanted" ] && return
    if [ -z "${BROADCASTER_VOICES_FROM:-}" ] && [ -n "$(find "$folder/.failed" -mmin -1440 2>/dev/null)" ]; then
        warn "还没有神经语音;马上再试: $VENV/bin/broadcaster voices install / still no neural voice; that command tries again now"
        return
    fi
    say "下载神经语音(约 97 MB) fetching the neural voice (about 97 MB): $folder"
    if BROADCASTER_VOICES=$folder "$VENV/bin/broadcaster" voices install >&2; then
        rm -f "$folder/.failed"
        printf '%s\n' "$wanted" >"$folder/.complete"
    else
        mkdir -p "$folder" 2>/dev/null && touch "$folder/.failed" 2>/dev/null
        warn "没有神经语音,先用系统自带的声音;一天内不再自动下载 / no neural voice yet: the system's own speaks; not tried again for a day"
    fi
}

# A sound server that is there is used and left alone; one that is missing is started, and stays when we end.
ensure_sound() {
    local sinks
    if ! has pactl; then
        warn "没有 pactl,不检查声音服务 / no pactl: the sound server is not looked after"
        return
    fi
    if ! sound_server_answers; then
        if [ -n "${PULSE_SERVER:-}" ]; then
            warn "PULSE_SERVER=$PULSE_SERVER 没有回答 / does not answer"
            return
        fi
        has pulseaudio || { warn "没有声音服务,也没有 pulseaudio / no sound server, and no pulseaudio"; return; }
        say "启动声音服务 starting the sound server (PulseAudio)"
        pulseaudio --start --exit-idle-time=-1 >/dev/null 2>&1
        sound_server_answers || { warn "声音服务没有启动,节目照走但听不到 / the sound server did not start: nothing will be heard"; return; }
    fi
    sinks=$(timeout 5 pactl list short sinks 2>/dev/null)
    if ! printf '%s\n' "$sinks" | grep -v 'module-null-sink' | grep -q .; then
        warn "没有找到声卡,节目照走但没有声音 / no sound card found: sound goes nowhere"
    fi
}
