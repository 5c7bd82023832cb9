@echo off
rem Builds Tuner once (Release) and runs it: tuner demo, tuner train --help, ...
setlocal
set "root=%~dp0"
dotnet build "%root%src\Tuner.Cli\Tuner.Cli.csproj" -c Release -v quiet -nologo -clp:NoSummary || exit /b 1
dotnet "%root%artifacts\bin\Tuner.Cli\release\tuner.dll" %*
exit /b %errorlevel%
