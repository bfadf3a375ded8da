# Windows, not tried yet: the same as ./run. Needs 64-bit Python 3.11 or later, and 64-bit VLC.
#   powershell -ExecutionPolicy Bypass -File run.ps1 [arguments of `broadcaster run`]
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
$env:PYTHONUTF8 = '1'
if (-not $env:BROADCASTER_HOME) { $env:BROADCASTER_HOME = $PSScriptRoot }
$storeHome = $env:BROADCASTER_HOME
$python = '.venv\Scripts\python.exe'
$broadcaster = '.venv\Scripts\broadcaster.exe'

function Stop-OnFailure([string] $what) {
    if ($LASTEXITCODE -ne 0) { Write-Error "$what failed (status $LASTEXITCODE)" }
}

$vlc = @($env:ProgramFiles, ${env:ProgramW6432}) | Where-Object { $_ -and (Test-Path "$_\VideoLAN\VLC\libvlc.dll") }
if (-not $vlc) { Write-Warning '64-bit VLC is not in its usual place; install it, or nothing will be heard.' }

$wanted = (Get-FileHash requirements.lock).Hash + (Get-FileHash pyproject.toml).Hash + $PSScriptRoot
$stamp = '.venv\installed-requirements.lock'
if (-not (Test-Path $broadcaster) -or -not (Test-Path $stamp) -or (Get-Content $stamp -Raw).Trim() -ne $wanted) {
    if (-not (Test-Path $python)) { py -3 -m venv .venv; Stop-OnFailure 'py -3 -m venv' }
    & $python -m pip install --quiet --disable-pip-version-check -r requirements.lock; Stop-OnFailure 'pip install'
    & $python -m pip install --quiet --disable-pip-version-check --no-deps -e .; Stop-OnFailure 'pip install'
    Set-Content $stamp $wanted
}

if (Test-Path "$storeHome\var\restore-under-way.json") { & $broadcaster restore --finish; Stop-OnFailure 'restore --finish' }
$at = [array]::IndexOf($args, '--restore')
if ($at -ge 0) {
    & $broadcaster restore $args[$at + 1]; Stop-OnFailure 'restore'
    $args = @($args | Select-Object -First $at) + @($args | Select-Object -Skip ($at + 2))
}

& $python -m broadcaster.assets
if ($LASTEXITCODE -ne 0) { Write-Warning 'The page will be plain until its files can be fetched; tried again at the next start.' }

$voices = if ($env:BROADCASTER_VOICES) { $env:BROADCASTER_VOICES } else { "$storeHome\var\voices" }
$catalogue = (Get-FileHash broadcaster\voice\fetch\catalogue.json).Hash
$complete = Get-Content "$voices\.complete" -Raw -ErrorAction SilentlyContinue
$failed = Get-Item "$voices\.failed" -Force -ErrorAction SilentlyContinue
$tried = $failed -and $failed.LastWriteTime -gt (Get-Date).AddDays(-1) -and -not $env:BROADCASTER_VOICES_FROM
if ((-not $complete -or $complete.Trim() -ne $catalogue) -and -not $tried) {
    & $broadcaster voices install
    New-Item -ItemType Directory -Force $voices | Out-Null
    if ($LASTEXITCODE -eq 0) { Set-Content "$voices\.complete" $catalogue }
    else {
        New-Item -ItemType File -Force "$voices\.failed" | Out-Null
        Write-Warning 'No neural voice yet; the voice of Windows speaks. It is not tried again for a day.'
    }
}

if (-not (Test-Path "$storeHome\config")) { & $broadcaster init --no-music $storeHome; Stop-OnFailure 'init' }
$playlists = Get-ChildItem "$storeHome\playlists" -ErrorAction SilentlyContinue |
    Where-Object { $_.PSIsContainer -or $_.Name -like '*.m3u*' }
$unfinished = "$storeHome\var\starter-music.unfinished"
# A standby's second PC has all of its music from the main one.
if (-not (Test-Path "$storeHome\var\standby.json") -and ((Test-Path $unfinished) -or -not $playlists)) {
    New-Item -ItemType File -Force $unfinished | Out-Null
    & $python -m broadcaster.starter
    if ($LASTEXITCODE -eq 0) { Remove-Item $unfinished }
}
& $broadcaster run @args
exit $LASTEXITCODE
