@echo off
rem Builds everything and runs every test.
setlocal
set "root=%~dp0"
dotnet test "%root%Tuner.sln" -c Release -nologo
exit /b %errorlevel%
