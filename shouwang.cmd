@echo off
rem Opens the desk on Windows; the first run sets everything up by itself. Same commands as ./shouwang.
setlocal
chcp 65001 >nul
rem Packages of other environments are not ours.
set "PYTHONPATH="
set "PYTHONHOME="
set "here=%~dp0"
set "venv=%here%.venv"
set "python=%venv%\Scripts\python.exe"
set "kind=run"
set "more="
if /i "%~1"=="test" set "kind=test"
if /i "%~1"=="build" set "kind=build"
if not "%kind%"=="run" set "more=%here%requirements-%kind%.txt"

rem The stamp is the lists themselves: a new lock file or a cut-off set-up leads back to :set_up.
if not exist "%python%" goto set_up
if exist "%venv%\unfinished" goto set_up
fc /b "%here%requirements.txt" "%venv%\stamp-run.txt" >nul 2>nul || goto set_up
if defined more fc /b "%more%" "%venv%\stamp-%kind%.txt" >nul 2>nul || goto set_up

:start
if "%kind%"=="test" goto test
if "%kind%"=="build" goto build
set "PYTHONPATH=%here%"
"%python%" -P -m ui %*
exit /b %errorlevel%

:set_up
if exist "%venv%\unfinished" rmdir /s /q "%venv%"
if exist "%python%" goto install
set "base="
for %%p in ("py -3" "python") do if not defined base (
    %%~p -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "base=%%~p"
)
if not defined base (
    echo 没有找到 Python 3.11 或更新的版本。请从 python.org 安装，安装时勾选 "Add python.exe to PATH"，再运行一次。 1>&2
    echo Python 3.11 or newer was not found. Install it from python.org with "Add python.exe to PATH", then run this again. 1>&2
    exit /b 1
)
%base% -m venv "%venv%" 1>&2 || (
    echo 虚拟环境没有建成。请看磁盘是否已满、文件夹能否写入，再运行一次。 1>&2
    echo The virtual environment could not be made. Is the disk full, the folder writable? Then run this again. 1>&2
    exit /b 1
)

:install
echo.>"%venv%\unfinished"
echo 正在安装依赖，第一次要下载约 200 MB / installing dependencies, about 200 MB the first time ... 1>&2
set "lists=-r requirements.txt"
if defined more set "lists=%lists% -r requirements-%kind%.txt"
pushd "%here%"
"%python%" -m pip install -q --no-user --no-input --disable-pip-version-check --require-hashes -r requirements-setup.txt && (
    "%python%" -m pip install -q --no-user --no-input --disable-pip-version-check --require-hashes --no-build-isolation %lists%
) || (
    popd
    echo 依赖没有装完（原因见上）。什么都没有损坏：请检查网络，再运行一次。 1>&2
    echo The dependencies could not be installed ^(reason above^). Nothing is damaged: check the network and run this again. 1>&2
    exit /b 1
)
popd
copy /b /y "%here%requirements.txt" "%venv%\stamp-run.txt" >nul
if defined more copy /b /y "%more%" "%venv%\stamp-%kind%.txt" >nul
del "%venv%\unfinished"
goto start

:test
shift
cd /d "%here%"
set "arguments="
:next_argument
if not "%~1"=="" (
    set "arguments=%arguments% %1"
    shift
    goto next_argument
)
if defined arguments (
    "%python%" -m pytest%arguments%
    exit /b
)
set "faults=0"
"%python%" -m ruff check . || set "faults=1"
"%python%" -m mypy || set "faults=1"
"%python%" -m pytest || set "faults=1"
exit /b %faults%

:build
cd /d "%here%"
"%python%" -m PyInstaller --noconfirm --log-level WARN build.spec || exit /b 1
dist\shouwang\shouwang-cli.exe --self-test
